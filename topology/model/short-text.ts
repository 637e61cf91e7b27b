/** Texts of others, cut to a length that messages and tables can bear: a key or a name may be as long as a record. */

const charactersMax = 100

/** The text, or its beginning with a sign that there was more; never half a character. */
export const shortText = (text: string, most = charactersMax): string =>
  text.length <= most ? text : `${text.slice(0, most).toWellFormed()}\u2026`
