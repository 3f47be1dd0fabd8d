// What a player says, as a list, and a house that answers when the test wants it.
import type { PlayerEvents } from "../src/listen/player";

export class FakeEvents implements PlayerEvents {
  readonly said: string[] = [];
  answers = false;
  /** The page goes on with HLS where a house offers it. */
  takesHls = false;
  /** Edges that were asked to be left out. */
  readonly left: string[] = [];

  edges = ["http://a.test", "http://b.test"];

  bases(...leaving: string[]): Promise<readonly string[]> {
    this.left.push(...leaving);
    return Promise.resolve(this.edges.filter((base) => !leaving.includes(base)));
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
  useHls(): boolean {
    this.said.push("offered HLS");
    return this.takesHls;
  }

  count(word: string): number {
    return this.said.filter((one) => one === word).length;
  }
}
