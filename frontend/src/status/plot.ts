// Draws a chart with uPlot, in the colours and shapes of the picture that it takes the place of.
import "uplot/dist/uPlot.min.css";
import uPlot from "uplot";
import { statusWords } from "../words/status";
import { localeFor } from "./moments";
import type { Points } from "./points";

const STRIP_PX = 16;
const NAMES = ["bronze", "bronze-wash", "quiet", "oxblood", "laurel", "line", "line-strong"] as const;
type Colours = Readonly<Record<(typeof NAMES)[number], string>>;

/** Puts the plot where the picture was; its words for who does not see it stay. */
export function draw(figure: HTMLElement, svg: SVGSVGElement, points: Points, lang: string): void {
  const words = statusWords(lang);
  const locale = localeFor(lang, navigator.languages);
  const height = svg.getBoundingClientRect().height + 40;
  const place = document.createElement("div");
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", `${svg.querySelector("title")?.textContent}. ${svg.querySelector("desc")?.textContent}`);
  const tip = document.createElement("p");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true");
  tip.textContent = words.hint;
  const telling = { words, locale, tip, points };
  const width = figure.clientWidth;
  svg.replaceWith(place);
  figure.querySelector(".scale")?.remove();
  figure.querySelector(".axis")?.replaceWith(tip);
  const plot = new uPlot(options(points, telling, width, height), columns(points), place);
  new ResizeObserver(() => plot.setSize({ width: figure.clientWidth, height })).observe(figure);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());
}

type Telling = {
  readonly words: ReturnType<typeof statusWords>;
  readonly locale: string;
  readonly tip: HTMLElement;
  readonly points: Points;
};

function columns(points: Points): uPlot.AlignedData {
  const all = points.reports.map((count, index) => count + (points.unproven[index] ?? 0));
  const above = points.reports.map((count, index) => (count > (points.upper[index] ?? 0) ? count : null));
  return [points.utcS, points.upper, points.usual.map(() => 0), all, points.reports, above];
}

function options(points: Points, telling: Telling, width: number, height: number): uPlot.Options {
  const bars = uPlot.paths.bars?.({ size: [0.72, 40], align: 1 });
  const steps = uPlot.paths.stepped?.({ align: 1 });
  const paths = (made: uPlot.Series.PathBuilder | undefined) => (made === undefined ? {} : { paths: made });
  const coloured = (name: keyof Colours) => (): string => colours()[name];
  const filled = (name: keyof Colours) => ({ ...paths(bars), fill: coloured(name), width: 0, points: { show: false } });
  const axis = { stroke: coloured("quiet"), font: "12px system-ui, sans-serif", grid: { show: false } };
  return {
    width,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
    scales: { x: { time: true, range: (_, first, last) => [first, last + (last === points.utcS.at(-1) ? points.slotS : 0)] }, y: { range: (_, __, top) => [0, Math.max(5, top * 1.12)] } },
    axes: [
      { ...axis, size: 40, ticks: { show: false }, gap: STRIP_PX + 4, values: (_, splits) => labels(splits, points, telling) },
      { ...axis, size: 32, ticks: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
    ],
    series: [
      {},
      { ...paths(steps), stroke: coloured("bronze"), dash: [4, 3], width: 1, points: { show: false } },
      { ...paths(steps), width: 0, points: { show: false } },
      { ...filled("line-strong"), fill: hatched },
      { ...filled("quiet") },
      { ...filled("oxblood") },
    ],
    bands: [{ series: [1, 2], fill: coloured("bronze-wash") }],
    hooks: {
      draw: [(plot) => strip(plot, points)],
      setCursor: [(plot) => tell(plot.cursor.idx ?? null, telling)],
    },
  };
}

function labels(splits: number[], points: Points, { locale }: Telling): string[] {
  const days = points.slotS >= 86_400;
  const form: Intl.DateTimeFormatOptions = days
    ? { day: "numeric", month: "short", timeZone: "UTC" }
    : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const format = new Intl.DateTimeFormat(locale, form);
  return splits.map((utcS) => format.format(utcS * 1000));
}

function tell(index: number | null, { words, locale, tip, points }: Telling): void {
  const utcS = index === null ? undefined : points.utcS[index];
  if (index === null || utcS === undefined) {
    tip.textContent = words.hint;
    return;
  }
  const days = points.slotS >= 86_400;
  const when = new Intl.DateTimeFormat(locale, {
    ...(days ? { day: "numeric", month: "long", timeZone: "UTC" } : { weekday: "short", hour: "2-digit", minute: "2-digit" }),
    ...(days ? {} : { timeZoneName: "short", hourCycle: "h23" }),
  }).format(utcS * 1000);
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const at = (column: readonly number[]): string => whole.format(column[index] ?? 0);
  const parts = [when, words.reports(at(points.reports)), words.usual(at(points.usual), at(points.upper))];
  if (points.unproven[index]) parts.push(words.unproven(at(points.unproven)));
  if (points.failed[index]) parts.push(words.probes(at(points.failed), at(points.probes)));
  else if (points.probes[index]) parts.push(words.probesOk(at(points.probes)));
  tip.textContent = parts.join(" · ");
}

/** Below the reports: a thin line where probes were ok, a crossed block where they failed. */
function strip(plot: uPlot, points: Points): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const shades = colours();
  const top = bbox.top + bbox.height + 4 * ratio;
  ctx.save();
  ctx.strokeStyle = shades["line-strong"];
  ctx.lineWidth = ratio;
  ctx.strokeRect(bbox.left, bbox.top + bbox.height, bbox.width, 0);
  points.utcS.forEach((utcS, index) => {
    const left = Math.max(bbox.left, plot.valToPos(utcS, "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(utcS + points.slotS, "x", true));
    if (right <= left || !points.probes[index]) return;
    if (!points.failed[index]) {
      ctx.fillStyle = shades.laurel;
      ctx.fillRect(left, top + 5 * ratio, right - left + 0.5, 4 * ratio);
      return;
    }
    ctx.strokeStyle = shades.oxblood;
    ctx.strokeRect(left, top, right - left, 14 * ratio);
    ctx.beginPath();
    ctx.moveTo(left, top);
    ctx.lineTo(right, top + 14 * ratio);
    ctx.moveTo(right, top);
    ctx.lineTo(left, top + 14 * ratio);
    ctx.stroke();
  });
  ctx.restore();
}

/** What is shown and not counted: stripes, as in the picture. */
function hatched(plot: uPlot): CanvasPattern | string {
  const tile = document.createElement("canvas");
  const side = 6 * devicePixelRatio;
  tile.width = tile.height = side;
  const pen = tile.getContext("2d");
  const shade = colours()["line-strong"];
  if (pen === null) return shade;
  pen.strokeStyle = shade;
  pen.lineWidth = side / 2.5;
  for (const shift of [-side, 0, side]) {
    pen.moveTo(shift, side);
    pen.lineTo(shift + side, 0);
  }
  pen.stroke();
  return plot.ctx.createPattern(tile, "repeat") ?? shade;
}

function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours;
}
