// What the pages make of the desk's answers, its refusals and its silence.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { visitor } from "../src/desk/account.svelte";
import { ANSWER_MAX_MS, api, ApiError } from "../src/desk/api";
import { wordsFor } from "../src/desk/said";
import { partingWords } from "../src/words/partings";

let answer: () => Response;
const page = { lang: "en" };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => Promise.resolve().then(answer));
  vi.stubGlobal("document", { documentElement: page });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const refusing = (error: unknown, status = 409) => () => Response.json({ error }, { status });

async function refused(): Promise<ApiError> {
  const error: unknown = await api.mine().catch((one: unknown) => one);
  if (!(error instanceof ApiError)) throw new Error("it was not refused");
  return error;
}

describe("a refusal", () => {
  it.each([{ field: "title" }, { field: 7 }, {}])("is said as the desk says it with %j", async (more) => {
    answer = refusing({ sentence: "Something new.", ...more });
    expect(wordsFor(await refused())).toBe("Something new.");
  });

  it("is asked for in the reader's language", async () => {
    const asked = vi.fn(() => Promise.resolve(Response.json({ spaces: [] })));
    vi.stubGlobal("fetch", asked);
    for (const code of ["es", "en"] as const) {
      page.lang = code;
      await api.mine();
      expect(asked).toHaveBeenLastCalledWith(
        "/api/v1/spaces/mine",
        expect.objectContaining({ headers: { "Accept-Language": code } }),
      );
    }
    await api.signIn("Ada", "x");
    const { headers } = (asked.mock.lastCall as unknown as [string, RequestInit])[1];
    expect(headers).toEqual({ "Accept-Language": "en", "Content-Type": "application/json" });
  });

  it.each([["no JSON", "<html>"], ["a front door's", '{"detail":"away"}'], ["a list", "[]"]])(
    "that is %s has no words",
    async (_name, body) => {
      answer = () => new Response(body, { status: 503 });
      expect(await refused()).toMatchObject({ status: 503, sentence: "", field: null });
    },
  );
});

describe("the studio's last words", () => {
  it("exist in both languages", () => {
    const { en, es } = partingWords;
    expect(Object.keys(es)).toEqual(Object.keys(en));
    for (const word of [...Object.values(en), ...Object.values(es)]) expect(word).toMatch(/^[A-ZÁÉÍÓÚ][^!]+\.$/);
  });
});

describe("a desk that does not answer", () => {
  it("is waited for until its limit, and no longer", async () => {
    vi.stubGlobal("fetch", (_url: string, { signal }: RequestInit) => new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
    }));
    let ended = false;
    const asked = refused().finally(() => (ended = true));
    await vi.advanceTimersByTimeAsync(ANSWER_MAX_MS - 1);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await asked).toMatchObject({ status: 0, sentence: "" });
  });

  it("says nothing about accounts: who is signed in stays so", async () => {
    answer = refusing({}, 503);
    await visitor.refresh();
    expect(visitor.me).toBeNull();
    expect(visitor.failure).toBeInstanceOf(ApiError);
    answer = () => Response.json({ account: { id: "a", name: "Ada", role: "owner" }, accounts_open: false });
    await visitor.refresh();
    expect([visitor.me?.account?.name, visitor.failure]).toEqual(["Ada", null]);
    answer = refusing({}, 503);
    await visitor.refresh();
    expect(visitor.me?.account?.name).toBe("Ada");
  });
});
