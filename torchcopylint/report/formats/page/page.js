"use strict";
const articles = [...document.querySelectorAll("article")];
const control = (id) => document.getElementById(id);

function matches(article) {
  const { code, path, severity, confidence } = article.dataset;
  const words = control("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = article.textContent.toLowerCase();
  return (!control("rule").value || control("rule").value === code)
    && (!control("file").value || control("file").value === path)
    && (!control("severity").value || control("severity").value === severity)
    && (!control("confidence").value || control("confidence").value === confidence)
    && words.every((word) => text.includes(word));
}

function filter() {
  let shown = 0;
  for (const article of articles) {
    article.hidden = !matches(article);
    shown += !article.hidden;
  }
  for (const group of document.querySelectorAll(".group")) {
    group.hidden = !group.querySelector("article:not([hidden])");
  }
  control("count").textContent = shown;
  control("none").hidden = shown > 0;
}

function regroup() {
  const byRule = control("by-rule").checked;
  const title = (article) => byRule ? `${article.dataset.code} ${article.dataset.slug}` : article.dataset.path;
  const groups = new Map();
  for (const article of articles) {
    const name = title(article);
    if (!groups.has(name)) {
      const group = document.createElement("section");
      group.className = "group";
      group.append(document.createElement("h2"));
      group.firstChild.textContent = name;
      groups.set(name, group);
    }
    groups.get(name).append(article);
  }
  const names = [...groups.keys()];
  if (byRule) names.sort();
  document.querySelector("main").replaceChildren(...names.map((name) => groups.get(name)));
  filter();
}

function walk(button) {
  const article = button.closest("article");
  const last = Number(article.querySelector(".source").dataset.steps);
  const step = Math.min(last + 1, Math.max(0, Number(article.dataset.at || 0) + Number(button.dataset.walk)));
  const inside = step >= 1 && step <= last;
  article.dataset.at = inside ? step : 0;
  article.classList.toggle("walking", inside);
  for (const part of article.querySelectorAll("[data-step]")) {
    part.classList.toggle("on", Number(part.dataset.step) === step);
  }
  article.querySelector("output").textContent = inside ? `step ${step} of ${last}` : `${last} steps`;
  const here = article.querySelector(".dot.on");
  if (here) here.scrollIntoView({ block: "nearest", inline: "nearest" });
}

for (const kind of ["input", "change"]) control("filters").addEventListener(kind, filter);
control("filters").addEventListener("submit", (event) => event.preventDefault());
control("by-rule").addEventListener("change", regroup);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-walk]");
  if (button) walk(button);
});
