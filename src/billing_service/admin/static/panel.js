// A form that acts is sent once: whoever clicks twice waits for the first click. (The server holds it too.)
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = form.querySelector("button");
    button.setAttribute("aria-disabled", "true");
    button.textContent = "Выполняется…";
  });
}
// Back from the browser's memory it may be sent again: the key decides.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
// A choice of a filter shows the list at once.
for (const choice of document.querySelectorAll(".filters select")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}
// One menu is open at a time, and a click elsewhere closes it.
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.who[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
// On a narrow screen the tabs scroll: the one that is open is in sight.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
