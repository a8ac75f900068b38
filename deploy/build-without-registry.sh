#!/bin/sh
# Builds the image billing-service where no registry of images can be reached: the base is made of Debian's packages.
# Needs root, buildah and mmdebstrap. Arguments go to `buildah build`: --volume=/etc/pip.conf:/etc/pip.conf:ro, say, where
# pip must be told about a mirror. DEBIAN_MIRROR is what mmdebstrap takes as one: an address or a file of sources.
set -eu
cd "$(dirname "$0")/.."
base=localhost/python-of-debian:bookworm

if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
    made=$(mktemp -d)
    trap 'rm -rf "$made"' EXIT
    mmdebstrap --variant=minbase --include=ca-certificates,python3,python3-venv \
        bookworm "$made/base.tar" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$made/base.tar" /
    buildah commit --quiet --rm "$container" "$base"
fi

exec buildah build --isolation=chroot --pull-never --build-arg="PYTHON_IMAGE=$base" --tag=billing-service "$@" .
