"use strict";
(() => {
  const form = document.querySelector(".filters");
  // What was not reviewed is printed, whether or not somebody unfolded it.
  addEventListener("beforeprint", () => document.querySelectorAll(".losses details").forEach((each) => { each.open = true; }));
  if (!form) return;
  const items = [...document.querySelectorAll(".findings > li")].map((row) => {
    const card = row.firstElementChild;
    return { row, card, text: card.textContent.toLowerCase() };
  });
  const search = document.getElementById("search");
  const category = document.getElementById("category");
  const origin = document.getElementById("origin");
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const apply = () => {
    const severities = new Set([...form.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, card, text } of items) {
      const data = card.dataset;
      const fits = severities.has(data.severity)
        && (!category.value || category.value === data.category)
        && (!origin.value || origin.value === data.origin)
        && words.every((word) => text.includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${items.length} shown`;
    none.hidden = shown > 0;
  };
  const jump = () => {
    const target = items.find(({ card }) => `#${card.id}` === location.hash);
    if (target && target.row.hidden) {
      form.reset();
      apply();
    }
    if (target) target.card.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", jump);
  apply();
  jump();
})();
