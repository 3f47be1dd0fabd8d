// A line for any page that appears while something is wrong: one script element, no cookie.
// It is inserted before the element that names it, and styled by whoever wants (`.rostra-status`).
{
  /** Every five minutes, give or take one, so that readers do not ask in step. */
  const AGAIN_MS = 300_000;
  const SPREAD_MS = 60_000;
  const script = document.currentScript;
  const address = script instanceof HTMLScriptElement ? script.src : "";
  const line = document.createElement("p");
  line.className = "rostra-status";
  line.setAttribute("role", "status");
  line.hidden = true;
  script?.before(line);

  const ask = async (): Promise<void> => {
    const answer = await fetch(new URL("banner.json", address), { credentials: "omit" });
    const told = (await answer.json()) as { open?: unknown; url?: unknown; text?: Record<string, unknown> };
    const spanish = document.documentElement.lang.startsWith("es");
    const said = told.text?.[spanish ? "es" : "en"];
    line.hidden = told.open !== true || typeof said !== "string" || said === "";
    if (line.hidden || typeof said !== "string") return;
    const link = document.createElement("a");
    link.textContent = said;
    const url = new URL(typeof told.url === "string" ? told.url : ".", address);
    if (url.protocol === "https:" || url.protocol === "http:") link.href = url.href;
    line.replaceChildren(link);
  };

  const round = (): void => {
    const asked = document.visibilityState === "visible" ? ask() : Promise.resolve();
    // Where the watch does not answer the line stays as it is.
    void asked.catch(() => undefined).then(() => setTimeout(round, AGAIN_MS + (Math.random() * 2 - 1) * SPREAD_MS));
  };
  if (address !== "") round();
}
