"use strict";
(() => {
  const rows = [...document.querySelectorAll(".found tbody tr")];
  const finder = document.querySelector(".finder");
  if (finder && rows.length) {
    const find = finder.querySelector("input"), tone = finder.querySelector("select"), out = finder.querySelector("output");
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const show = () => {
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, i) => {
        const fits = words.every((word) => texts[i].includes(word)) &&
          (!tone || !tone.value || row.dataset.tone.split(" ").includes(tone.value));
        row.hidden = !fits;
        shown += fits;
      });
      out.textContent = `${shown} of ${rows.length} ${out.dataset.noun}s`;
    };
    finder.hidden = false;
    finder.addEventListener("input", show);
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "k") {
        event.preventDefault();
        find.focus();
        find.select();
      } else if (event.key === "Escape" && event.target === find) {
        find.value = "";
        show();
      }
    });
    show();
  }
  const months = [...document.querySelectorAll(".calendar table")].reverse();
  const days = months.flatMap((month) => [...month.querySelectorAll("td[class]")]);
  if (days.length) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
    days.forEach((day, i) => { day.tabIndex = i === days.length - 1 ? 0 : -1; });
    document.querySelector(".calendar").addEventListener("keydown", (event) => {
      const here = days.indexOf(event.target.closest("td"));
      const next = event.key === "Home" ? 0 : event.key === "End" ? days.length - 1 : here + (steps[event.key] || 0);
      if (here < 0 || next === here || !days[next]) return;
      event.preventDefault();
      days[here].tabIndex = -1;
      days[next].tabIndex = 0;
      days[next].focus();
    });
  }
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
})();
