"use strict";

// Twice a second at first, then more slowly: whoever is still away paying needs no haste.
const QUICK_MS = 500;
const SLOW_MS = 2000;
const QUICK_TRIES = 20;

const verdict = document.querySelector("[data-status]");
if (verdict) watch(verdict, 0);

// What the service tells the main backend arrives by itself, mostly within a second.
const told = document.querySelector("[data-events]");
if (told) setTimeout(listen, SLOW_MS / 2, told);

async function listen(list) {
  try {
    const response = await fetch(list.dataset.events);
    const html = await response.text();
    if (response.ok && html.trim() !== list.innerHTML.trim()) list.innerHTML = html;
  } catch {
    // the service is away for a moment; what is shown stays true
  }
  setTimeout(listen, SLOW_MS / 2, list);
}

async function watch(panel, tries) {
  const found = await ask(panel.dataset.status);
  if (found) show(panel, found);
  if (found && found.final) return;
  setTimeout(watch, tries < QUICK_TRIES ? QUICK_MS : SLOW_MS, panel, tries + 1);
}

async function ask(address) {
  try {
    const response = await fetch(address);
    return await response.json();
  } catch {
    return null; // the service is away for a moment; what is shown stays true
  }
}

function show(panel, found) {
  const title = panel.querySelector("h1");
  const text = panel.querySelector("p");
  if (title.textContent === found.title && text.textContent === found.text) return;
  panel.className = `panel verdict ${found.tone}`;
  title.textContent = found.title;
  text.textContent = found.text;
  document.title = `${found.title} · EatFit24`;
  for (const next of document.querySelectorAll("[data-when]")) next.hidden = next.dataset.when !== found.tone;
}

// A second click has nothing to press; whoever comes back by the browser's own button may press again.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => press(form, true));
  addEventListener("pageshow", () => press(form, false));
}

function press(form, pressed) {
  for (const button of form.querySelectorAll("button")) button.disabled = pressed;
}
