// The sleep timer: the page stops listening by itself, for who falls asleep to voices.
export const SLEEP_MINUTES = [15, 30, 60] as const;

export class Sleep {
  /** Minutes that were chosen; 0 for none, which is until the end of the event. */
  minutes = $state(0);
  untilMs = $state(0);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly stop: () => void) {}

  choose(minutes: number): void {
    clearTimeout(this.timer);
    this.minutes = minutes;
    if (minutes === 0) return;
    this.untilMs = Date.now() + minutes * 60_000;
    this.timer = setTimeout(() => this.due(), minutes * 60_000);
  }

  /** A device that slept wakes a timer late: then it is over too. */
  woke(): void {
    if (this.minutes > 0 && Date.now() >= this.untilMs) this.due();
  }

  private due(): void {
    this.choose(0);
    this.stop();
  }
}
