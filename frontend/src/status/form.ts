// Sends the form without leaving it, with the proof of work that a flood may ask for.
import { type Means, type Outcome, type Sent, send, solveInWorker } from "../common/reporting";
import { statusWords } from "../words/status";

export function readyForm(page: Document, lang: string): void {
  const form = page.getElementById("report");
  const said = page.getElementById("report-said");
  if (!(form instanceof HTMLFormElement) || said === null) return;
  const words = statusWords(lang);
  const button = form.querySelector("button");
  let under = false;
  const means: Means = {
    fetch: (...asked) => fetch(...asked),
    solve: solveInWorker,
    working: () => (said.textContent = words.working),
  };

  async function sent(): Promise<Sent | null> {
    const fields = new FormData(form as HTMLFormElement);
    const field = (name: string): string => String(fields.get(name) ?? "");
    const report = { component: field("component"), kind: field("kind"), place: field("place") };
    try {
      return await send(form?.dataset["api"] ?? "", { ...report, source: "page", facts: {} }, means);
    } catch {
      return null;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // Not disabled: a button that is loses the focus of who pressed it.
    if (under) return;
    under = true;
    button?.setAttribute("aria-disabled", "true");
    said.textContent = words.sending;
    void sent().then((answer) => {
      said.textContent = saying(answer, words);
      button?.removeAttribute("aria-disabled");
      under = false;
    });
  });
}

/** The sentence for what became of a report. */
export function saying(answer: Sent | null, words: ReturnType<typeof statusWords>): string {
  if (answer === null) return words.failed;
  if ("refused" in answer) return answer.refused || words.refused;
  const sentences: Readonly<Record<Outcome, string>> = {
    counted: words.counted,
    repeat: words.repeat,
    unproven: words.unproven_sent,
    surplus: words.surplus,
  };
  return sentences[answer.outcome];
}
