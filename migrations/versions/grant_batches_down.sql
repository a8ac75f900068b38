DROP TABLE grant_batch_members;
DROP TABLE grant_batches;
