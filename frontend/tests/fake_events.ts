// What a player says, as a list, and a house that answers when the test wants it.
import type { PlayerEvents } from "../src/listen/player";

export class FakeEvents implements PlayerEvents {
  readonly said: string[] = [];
  answers = false;

  bases(): Promise<readonly string[]> {
    return Promise.resolve(["http://a.test", "http://b.test"]);
  }
  houseAnswers(): Promise<boolean> {
    this.said.push("asked");
    return Promise.resolve(this.answers);
  }
  alive(): void {
    this.said.push("alive");
  }
  notice(): void {}
  playing(): void {
    this.said.push("playing");
  }
  stalled(): void {}
  blocked(): void {
    this.said.push("blocked");
  }
  trouble({ why }: { why: string }): void {
    this.said.push(why);
  }
  gaveUp(): void {
    this.said.push("gave up");
  }

  count(word: string): number {
    return this.said.filter((one) => one === word).length;
  }
}
