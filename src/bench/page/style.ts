import { colours } from "./colours.ts";

/** The page's look: one column, figures in line, text sizes that a narrow window does not shrink. */
export const style: string = `${colours}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:62rem;padding:2.5rem 1.5rem 4rem;background:var(--page);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1{margin:0;font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;font-weight:650}
h2{margin:0 0 1rem;font-size:1.2rem;line-height:1.3;font-weight:650}
h3{margin:0;font-size:1rem;line-height:1.4;font-weight:600}
header{padding-bottom:1.5rem;border-bottom:1px solid var(--line)}
section{margin-top:2.75rem}
p{margin:0}
ul{margin:0;padding:0;list-style:none}
code{padding:.1em .3em;border-radius:.25em;background:var(--code);font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
table{width:100%;border-collapse:collapse}
th{font-weight:inherit;text-align:left}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.unit,.none,.range,.kind,.absent,dt,thead th{color:var(--soft);font-size:.85rem}
.verdict{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.9rem}
.chip{display:inline-block;padding:.1rem .6rem;border-radius:1rem;font-size:.85rem;font-weight:600;white-space:nowrap}
.chip.met{color:var(--good);background:var(--good-wash)}
.chip.missed{color:var(--bad);background:var(--bad-wash)}
.chip.open{color:var(--soft);background:var(--code)}
.sentence{margin-bottom:1.5rem;padding:1.1rem 1.3rem;border-radius:.6rem;background:var(--wash);font-size:1.2rem;line-height:1.45;font-weight:500;text-wrap:pretty}
.sentence::first-letter{text-transform:uppercase}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,12rem),1fr));gap:1rem 2rem;margin:0 0 1.75rem}
.tiles dd{margin:0;font-size:1.6rem;line-height:1.3;font-weight:600;letter-spacing:-.01em}
.tiles .words{font-size:1.15rem;line-height:1.81}
.tiles .bar{height:6px;margin-top:.35rem;overflow:hidden}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,13rem),1fr));gap:.7rem 2rem;margin:1.4rem 0 0;font-size:.92rem}
.facts dd{margin:0}
figure{margin:0 0 2.25rem}
figcaption{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .75rem;margin-bottom:.6rem}
.rows td,.rows th{padding:.22rem 0;vertical-align:middle}
.rows tbody th{width:36%;padding-right:1rem;line-height:1.3;font-size:.95rem}
.rows .figure{width:6rem;padding-left:1rem;text-align:right;white-space:nowrap;font-weight:600}
.rows .range{width:8.5rem;padding-left:1rem;text-align:right;white-space:nowrap}
.rows thead .figure{font-weight:inherit}
.rows .kind{display:inline-block;width:4rem;text-align:left;font-weight:400}
.rows .ours th,.rows .limit th{font-weight:650}
.tag{margin-left:.3rem;padding:.05rem .45rem;border-radius:1rem;background:var(--accent);color:var(--on-accent);font-size:.75rem;font-weight:600;vertical-align:.1em}
.bar{display:block;overflow:visible}
.bar .track{fill:var(--track)}
.bar .fill{fill:var(--theirs)}
.bar.ours .fill,.bar.busy .fill{fill:var(--accent)}
.bar.waiting .fill{fill:var(--waiting)}
.whisker line{stroke:var(--ink);stroke-width:1.25;opacity:.75}
.absent{margin-top:.5rem}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1rem;margin-bottom:.5rem;font-size:.85rem}
.swatch{display:inline-block;width:.75em;height:.75em;margin-right:.4em;border-radius:.2em;background:currentColor}
.swatch.again{opacity:.55}
.swatch.busy{color:var(--accent)}
.swatch.waiting{color:var(--waiting)}
.timelines{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:0 2.5rem}
.axes{display:grid;grid-template-columns:3rem minmax(0,1fr);grid-template-rows:12rem 1.6rem;padding-top:.6rem}
.plot{position:relative;touch-action:pan-y}
.plot svg{display:block;width:100%;height:100%;overflow:visible}
.grid line{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.line{fill:none;stroke:currentColor;stroke-width:1.5;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.line.again{stroke-dasharray:5 3}
.area{fill:currentColor}
.area.again{opacity:.55}
.y,.x{position:relative;color:var(--soft);font-size:.78rem;line-height:1}
.y span{position:absolute;right:.6rem;transform:translateY(50%)}
.x{grid-column:2}
.x span{position:absolute;top:.5rem;transform:translateX(-50%);white-space:nowrap}
.rule{position:absolute;top:0;bottom:0;width:1px;background:var(--soft);pointer-events:none}
.tip{position:absolute;top:0;z-index:1;max-width:16rem;padding:.4rem .6rem;border:1px solid var(--line);border-radius:.4rem;background:var(--page);font-size:.78rem;line-height:1.45;white-space:pre-line;pointer-events:none}
[hidden]{display:none}
details{margin-top:.4rem;font-size:.85rem}
summary{color:var(--soft);cursor:pointer}
.scroll{margin-top:.5rem;overflow-x:auto}
.plain{width:auto;overflow-wrap:normal}
.plain td,.plain th{padding:.15rem .9rem .15rem 0;text-align:right;white-space:nowrap}
.plain th:first-child{text-align:left}
.aims td,.aims th{padding:.5rem 1rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}
.aims td:last-child,.aims thead th:last-child{padding-right:0;text-align:right}
.aims tbody th{color:var(--soft)}
.aims .found{font-weight:600}
.notes{padding-left:1.1rem;list-style:disc}
.notes li{margin-bottom:.4rem;text-wrap:pretty}
@media (max-width:40rem){
body{padding:1.5rem 1rem 3rem}
h1{font-size:1.4rem}
.sentence{font-size:1.08rem;padding:.9rem 1rem}
.rows,.rows tbody{display:block}
.rows thead{display:none}
.rows tr{display:grid;grid-template-columns:minmax(0,1fr) auto;grid-template-areas:"name figure" "chart chart" "range range";align-items:end;margin-bottom:.7rem}
.rows tbody th{grid-area:name;width:auto}
.rows .figure{grid-area:figure;width:auto}
.rows .kind{width:auto}
.rows .chart{grid-area:chart}
.rows .range{grid-area:range;width:auto;padding:0;line-height:1.3}
.rows .range:empty{display:none}
.budget .range::before{content:"alone, rows/s: "}
.aims,.aims tbody{display:block}
.aims thead{display:none}
.aims tr{display:grid;grid-template-columns:2rem minmax(0,1fr);padding:.6rem 0;border-bottom:1px solid var(--line)}
.aims td,.aims th{padding:.1rem 0;border:0}
.aims td{grid-column:2}
.aims td:last-child{text-align:left}
.aims [data-label]::before{content:attr(data-label) ": ";color:var(--soft);font-weight:400}
}
@media print{body{max-width:none}.bar,.swatch,.chip,.sentence{print-color-adjust:exact}}
`;
