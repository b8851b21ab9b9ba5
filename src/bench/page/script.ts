/** Figures beside the pointer over a timeline. The page says the same without it, in its tables. */
export const script = `
for (const plot of document.querySelectorAll(".plot")) {
  const series = JSON.parse(plot.dataset.series), low = +plot.dataset.low, high = +plot.dataset.high;
  const rule = plot.appendChild(Object.assign(document.createElement("div"), { className: "rule", hidden: true }));
  const tip = plot.appendChild(Object.assign(document.createElement("div"), { className: "tip", hidden: true }));
  const nearest = (points, x) => points.reduce((a, b) => Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a, points[0]);
  plot.addEventListener("pointerleave", () => { rule.hidden = tip.hidden = true; });
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect(), share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const x = low + share * (high - low);
    const lines = series.flatMap(([name, points]) => points.length ? [name + ": " + nearest(points, x)[1].toLocaleString("en")] : []);
    tip.textContent = [x.toFixed(1) + " s", ...lines].join("\\n");
    rule.style.left = share * 100 + "%";
    tip.style.left = share < .5 ? "calc(" + share * 100 + "% + .6rem)" : "auto";
    tip.style.right = share < .5 ? "auto" : "calc(" + (1 - share) * 100 + "% + .6rem)";
    rule.hidden = tip.hidden = false;
  });
}
`;
