// Keeps a speaker's screen on: many phones take the microphone away when it goes dark.

/** Asks for the screen until the returned function is called; where it is refused, nothing breaks. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;

  async function ask(): Promise<void> {
    if (document.visibilityState !== "visible" || over) return;
    const wakeLock = (navigator as Navigator & { wakeLock?: WakeLock }).wakeLock;
    try {
      lock = (await wakeLock?.request("screen")) ?? null;
      if (over) void lock?.release();
    } catch {
      return; // A low battery may refuse it; the stage works all the same.
    }
  }

  const seen = (): void => void ask();
  document.addEventListener("visibilitychange", seen);
  seen();
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", seen);
    void lock?.release();
  };
}
