/** What to type to read about a symptom. A name may have backticks for people, in which a shell runs a command: they are left out, and the name is found without them. */
export const runbookCommand = (symptom: string): string => `topology runbook "${symptom.replaceAll('`', '')}"`
