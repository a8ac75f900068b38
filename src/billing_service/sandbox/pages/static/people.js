// Keeps the page fresh and sends its buttons without reloading. Without this script everything still works.
const EVERY = 1000;

// A person is choosing or typing there: do not pull it from under the hand.
const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("select, input");

function adopt(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const news = fresh.getElementById(part.id);
    if (!news || busy(part) || part.dataset.shown === news.innerHTML) continue;
    const open = [...part.querySelectorAll("details[open]")].map((each) => each.dataset.key);
    part.dataset.shown = news.innerHTML;
    part.replaceChildren(...news.childNodes);
    for (const each of part.querySelectorAll("details")) each.open = open.includes(each.dataset.key);
  }
  return fresh;
}

// What the last button said stays until the next one.
function complain(fresh) {
  document.getElementById("problem")?.remove();
  const problem = fresh.getElementById("problem");
  if (problem) document.querySelector("header").after(problem);
}

async function look() {
  try {
    adopt(await (await fetch(location.href, { cache: "no-store" })).text());
    document.body.classList.remove("gone");
  } catch {
    document.body.classList.add("gone");
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.action.includes("/act/")) return;
  event.preventDefault();
  if (form.dataset.sure && !window.confirm(form.dataset.sure)) return;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  document.activeElement?.blur();
  complain(adopt(await (await fetch(form.action, { method: "POST", body })).text()));
});

setInterval(() => document.hidden || look(), EVERY);
