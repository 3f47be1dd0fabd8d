// Lets a chart be pointed at and looked into: uPlot takes the place of the server's picture.
// It is fetched only when somebody reaches for a chart: when things fail, a crowd opens this page.
import type { Points } from "./points";

export function readyCharts(root: ParentNode, lang: string): void {
  for (const figure of root.querySelectorAll<HTMLElement>("figure.chart")) {
    const once = (): void => {
      for (const event of EVENTS) figure.removeEventListener(event, once);
      // The server's picture stays where anything is missing.
      livelier(figure, lang).catch(() => undefined);
    };
    for (const event of EVENTS) figure.addEventListener(event, once, { passive: true });
    if (figure.closest("[data-eager]") !== null) whenSeen(figure, once);
  }
}

const EVENTS = ["pointerenter", "pointerdown", "focusin"] as const;

/** On a component's own page the charts are what people come for. */
function whenSeen(figure: HTMLElement, then: () => void): void {
  const eye = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    eye.disconnect();
    then();
  });
  eye.observe(figure);
}

async function livelier(figure: HTMLElement, lang: string): Promise<void> {
  const { src } = figure.dataset;
  const svg = figure.querySelector("svg");
  if (src === undefined || svg === null) return;
  const [{ draw }, { readPoints }, answer] = await Promise.all([
    import("./plot"),
    import("./points"),
    fetch(src, { headers: { accept: "application/json" } }),
  ]);
  const points: Points | null = answer.ok ? readPoints(await answer.json()) : null;
  if (points !== null && figure.isConnected) draw(figure, svg, points, lang);
}
