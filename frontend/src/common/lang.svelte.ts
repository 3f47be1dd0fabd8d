// The reader's language: their browser's, until they choose.
export type Lang = "en" | "es";

export const LANGS: readonly { code: Lang; name: string }[] = [
  { code: "en", name: "English" },
  { code: "es", name: "Español" },
];

const KEY = "rostra.lang";

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

function initial(): Lang {
  const wanted = [stored(), ...navigator.languages].map((tag) => tag?.slice(0, 2));
  return wanted.find((tag): tag is Lang => tag === "en" || tag === "es") ?? "en";
}

class Language {
  code = $state<Lang>(initial());
  /** For dates and numbers: the reader's own region where it speaks the chosen language. */
  locale = $derived(navigator.languages.find((tag) => tag.startsWith(this.code)) ?? this.code);

  choose(code: Lang): void {
    this.code = code;
    document.documentElement.lang = code;
    try {
      localStorage.setItem(KEY, code);
    } catch {
      return;
    }
  }
}

export const language = new Language();
document.documentElement.lang = language.code;
