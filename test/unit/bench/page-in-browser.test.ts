import { expect, test } from "vitest";
import { benchPage } from "../../../src/bench/page/bench-page.ts";
import { html } from "../../../src/bench/page/html.ts";
import { fullPage } from "../../support/bench-page.ts";
import { findBrowser, noBrowser, openInBrowser } from "../../support/browser.ts";

/** The smallest phones, a tablet, a desk: the page in a frame of each width. */
const widths = [320, 700, 1200];

/** Writes down what each frame shows. Runs in the browser. */
const look = `addEventListener("load", () => {
  const seen = [...document.querySelectorAll("iframe")].map((frame) => {
    const page = frame.contentDocument, view = frame.contentWindow;
    const all = (selector) => [...page.querySelectorAll(selector)];
    const box = (element) => element.getBoundingClientRect();
    const [plot] = all(".plot");
    const { left, width, top } = box(plot);
    plot.dispatchEvent(new view.PointerEvent("pointermove", { clientX: left + width / 2, clientY: top + 9 }));
    const beyond = (element) => box(element).width > 0 && (box(element).right > view.innerWidth + 1 || box(element).left < -1);
    return {
      width: view.innerWidth,
      scrolls: page.documentElement.scrollWidth - page.documentElement.clientWidth,
      beyond: all("body *:not(.spoken, .scroll *)").filter(beyond).map((one) => one.outerHTML.slice(0, 90)),
      sections: all("section > h2").map((title) => title.id),
      pictures: all("svg").filter((svg) => box(svg).width > 90 && box(svg).height > 5).length,
      scripts: page.scripts.length,
      tip: page.querySelector(".tip").textContent.split("\\n"),
      title: page.title,
    };
  });
  document.querySelector("#seen").textContent = encodeURIComponent(JSON.stringify(seen));
});`;

test("a browser shows all of the page, at any width, without a complaint", async ({ skip }) => {
  const browser = findBrowser() ?? skip(noBrowser);
  const page = benchPage(fullPage);
  const frames = widths.map(
    (width) => html`<iframe width="${width}" height="900" frameborder="0" srcdoc="${page}"></iframe>`,
  );
  const host = `<!doctype html>${html`${frames}`.text}<pre id="seen"></pre><script>${look}</script>`;
  const { dom, complaints } = await openInBrowser(browser, host);
  expect(complaints).toEqual([]);
  const seen = /<pre id="seen">(.*)<\/pre>/.exec(dom)?.[1];
  expect(JSON.parse(decodeURIComponent(seen ?? "null"))).toEqual(
    widths.map((width) => ({
      width,
      scrolls: 0,
      beyond: [],
      sections: ["budget", "aims", "side-by-side", "over-time", "notes"],
      pictures: page.split("<svg").length - 1,
      scripts: 1,
      tip: [/^\d+\.\d s$/, /^read: [\d,]+$/, /^loaded: [\d,]+$/].map((line) => expect.stringMatching(line)),
      title: fullPage.title,
    })),
  );
}, 120_000);
