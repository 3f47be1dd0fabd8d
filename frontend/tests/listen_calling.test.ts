// An invitation is for who has its secret, for as long as it says, and for nobody else.
import { beforeEach, describe, expect, it } from "vitest";
import { freshStorage } from "./fake_storage";
import { base64url } from "../src/common/device";
import { Calling, WITHIN_S } from "../src/listen/calling.svelte";

let calling: Calling;
let claim: string;

beforeEach(async () => {
  freshStorage();
  calling = new Calling();
  await calling.fresh();
  claim = calling.words["claim"] ?? "";
});

describe("a hand that can be invited", () => {
  it("carries the SHA-256 of its secret, and a new one each time", async () => {
    expect(claim).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(calling.secret));
    expect(claim).toBe(base64url(new Uint8Array(hash)));
    await calling.fresh();
    expect(calling.words["claim"]).not.toBe(claim);
  });

  it("sends name and note only where there are any, in whole characters, and keeps the name", () => {
    expect(Object.keys(calling.words)).toEqual(["claim"]);
    calling.name = ` ${"🐝".repeat(70)} `;
    calling.note = "  bees ";
    expect([...(calling.words["name"] ?? "")]).toHaveLength(60);
    expect(calling.words["note"]).toBe("bees");
    calling.keepName();
    expect(new Calling().name).toBe("🐝".repeat(60));
  });
});

describe("an invitation", () => {
  it("is heard where it is one's own", () => {
    for (const other of [null, "x", {}, { claim: "c".repeat(43), state: "open" }]) calling.heard(other, 0, 0);
    expect(calling.fate).toBe("none");
    calling.heard({ claim, state: "open", within_s: 60 }, 1_000, 1.5);
    expect(calling.fate).toBe("invited");
    expect(calling.leftS(1_000)).toBe(59);
    expect(calling.leftS(59_400)).toBe(1);
    expect(calling.leftS(59_500)).toBe(0);
    expect(calling.fate).toBe("late");
  });

  it("lasts a minute unless it says otherwise, and may be over when it is heard", () => {
    calling.heard({ claim, state: "open" }, 0, 0);
    expect(calling.untilMs).toBe(WITHIN_S * 1000);
    calling.heard({ claim, state: "open", within_s: 5 }, 0, 6);
    expect(calling.fate).toBe("late");
  });

  it("is taken back only where there is one, and a hand is taken down at any time", () => {
    calling.heard({ claim, state: "withdrawn" }, 0, 0);
    expect(calling.fate).toBe("none");
    calling.heard({ claim, state: "open" }, 0, 0);
    calling.heard({ claim, state: "withdrawn" }, 0, 0);
    expect(calling.fate).toBe("withdrawn");
    calling.heard({ claim, state: "dismissed" }, 0, 0);
    expect(calling.fate).toBe("dismissed");
  });

  it("that was passed over does not come back, and the next one does", () => {
    calling.heard({ claim, state: "open", within_s: 60 }, 0, 0);
    calling.pass();
    calling.heard({ claim, state: "open", within_s: 51 }, 10_000, 0);
    expect(calling.fate).toBe("none");
    calling.heard({ claim, state: "open", within_s: 60 }, 30_000, 0);
    expect(calling.fate).toBe("invited");
  });

  it("is over for nobody who has taken it", () => {
    calling.heard({ claim, state: "open", within_s: 5 }, 0, 0);
    calling.fate = "going";
    calling.heard({ claim, state: "withdrawn" }, 1_000, 0);
    expect([calling.leftS(9_000), calling.fate]).toEqual([0, "going"]);
  });

  it("reaches nobody without a secret", () => {
    calling = new Calling();
    calling.heard({ claim: "", state: "open" }, 0, 0);
    expect([calling.fate, calling.words]).toEqual(["none", {}]);
  });
});
