// Written questions and the poll, read from what the house says; and what this listener did with them.
import { isRecord } from "../push/notice";
import { send, type Sender, type Sent } from "./audience";

export const QUESTION_CHARS_MAX = 200;
export const QUESTIONS_MAX = 10;
export const CHOICES_MAX = 6;

export interface Question {
  readonly id: string;
  readonly text: string;
  readonly name: string;
  readonly backs: number;
  readonly answered: boolean;
}

export interface Poll {
  readonly id: string;
  readonly question: string;
  readonly choices: readonly { readonly text: string; readonly votes: number; readonly share: number }[];
  readonly votes: number;
  readonly open: boolean;
}

type Asked = Readonly<Record<string, unknown>>;

/** Whether the hosts take questions now. */
export function takesQuestions(asked: Asked): boolean {
  return asked["mode"] === "approved" || asked["mode"] === "open";
}

export function readQuestions(asked: Asked): Question[] {
  const list: unknown[] = Array.isArray(asked["list"]) ? asked["list"] : [];
  return list.slice(0, QUESTIONS_MAX).flatMap((one) => {
    if (!isRecord(one) || typeof one["id"] !== "string" || typeof one["text"] !== "string") return [];
    const { id, text, name, backs, state } = one;
    return [{ id, text, name: typeof name === "string" ? name : "", backs: count(backs), answered: state === "answered" }];
  });
}

/** Null where there is none. */
export function readPoll(asked: Asked): Poll | null {
  const { poll } = asked;
  if (!isRecord(poll) || typeof poll["id"] !== "string" || poll["id"] === "") return null;
  const texts: unknown[] = Array.isArray(poll["choices"]) ? poll["choices"] : [];
  const numbers: unknown[] = Array.isArray(poll["votes"]) ? poll["votes"] : [];
  const chosen = texts.slice(0, CHOICES_MAX).map((_, index) => count(numbers[index]));
  const votes = chosen.reduce((sum, one) => sum + one, 0);
  return {
    id: poll["id"],
    question: typeof poll["question"] === "string" ? poll["question"] : "",
    choices: chosen.map((one, index) => ({ text: String(texts[index]), votes: one, share: votes > 0 ? one / votes : 0 })),
    votes,
    open: poll["open"] === true,
  };
}

/** The id of the question goes to `own`: the house makes it of the words and the listener. */
export async function ask(by: Sender, text: string, name: string, own: (id: string) => void): Promise<Sent> {
  return send(by, "questions", { text, listener: by.listener, ...(name && { name }) }, (answer) => {
    if (isRecord(answer) && typeof answer["id"] === "string") own(answer["id"]);
  });
}

export function back(by: Sender, question: string): Promise<Sent> {
  return send(by, "backs", { question, listener: by.listener });
}

export function vote(by: Sender, poll: string, choice: number): Promise<Sent> {
  return send(by, "votes", { poll, choice, listener: by.listener });
}

/** What this listener did, kept as long as the listener's id: the house tells nobody who did what. */
export class Mine {
  private readonly kept: Record<string, string>;

  constructor(private readonly space: string) {
    this.kept = this.read();
  }

  get(what: string): string {
    return this.kept[what] ?? "";
  }

  set(what: string, value: string): void {
    this.kept[what] = value;
    try {
      sessionStorage.setItem(`rostra.forum.${this.space}`, JSON.stringify(this.kept));
    } catch {
      return; // Then it is known as long as the page is open.
    }
  }

  private read(): Record<string, string> {
    try {
      const value: unknown = JSON.parse(sessionStorage.getItem(`rostra.forum.${this.space}`) ?? "{}");
      if (!isRecord(value)) return {};
      return Object.fromEntries(Object.entries(value).filter((one): one is [string, string] => typeof one[1] === "string"));
    } catch {
      return {};
    }
  }
}

function count(value: unknown): number {
  return typeof value === "number" && value >= 0 && value < 1e9 ? Math.floor(value) : 0;
}
