// Everything works without this file. It only saves a click: quantities post themselves, a form is sent once,
// and the page after a payment asks again while the answer is still under way.
for (const input of document.querySelectorAll("[data-autosubmit]")) {
  input.addEventListener("change", () => input.form.requestSubmit());
}
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form button").forEach((button) => { button.disabled = button.hasAttribute("data-off"); });
});
const again = document.querySelector("form[data-again]");
if (again) setTimeout(() => again.requestSubmit(), 1000 * Number(again.dataset.again));
