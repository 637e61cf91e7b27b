/** What the generated pages share: the note at their head, and cells of a table. */
export const generatedNote = 'Printed from the source by `npm run docs`; a test compares the two.'

export const tableCell = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
