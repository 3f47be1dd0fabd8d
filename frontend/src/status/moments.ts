// Says moments in the reader's own zone, always with its name; the server says them in UTC.

const FORMS: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  clock: { hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  full: { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  exact: {
    ...{ day: "numeric", month: "long", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
  },
};

/** The reader's own region where it speaks the page's language: `en-GB` for an English page. */
export function localeFor(lang: string, languages: readonly string[]): string {
  const own = languages.find((tag) => tag.toLowerCase().startsWith(lang));
  return own === undefined || own === "en" ? (lang === "en" ? "en-GB" : lang) : own;
}

/** The moment in words, or null where it is none. */
export function momentIn(iso: string, form: string, locale: string, timeZone?: string): string | null {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return null;
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, { ...FORMS[form], ...zone, hourCycle: "h23" }).format(date);
}

export function localTimes(root: ParentNode, lang: string): void {
  const locale = localeFor(lang, navigator.languages);
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-form]")) {
    const said = momentIn(element.dateTime, element.dataset["form"] ?? "full", locale);
    if (said === null || element.textContent === said) continue;
    element.title = element.textContent ?? "";
    element.textContent = said;
  }
}
