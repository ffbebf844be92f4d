// Each panel is asked for by itself, one after the other: the first one's search evaluates the events for all.
(async () => {
  for (const select of document.querySelectorAll(".choices select")) {
    select.addEventListener("change", () => select.form.submit());
  }
  for (const panel of document.querySelectorAll("[data-from]")) {
    const answer = await fetch(panel.dataset.from);
    panel.querySelector(".body").innerHTML = answer.ok ? await answer.text() : "<p class='problem'>The panel could not be drawn.</p>";
    panel.removeAttribute("aria-busy");
  }
})();
