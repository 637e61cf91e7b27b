/** Figures of a benchmark: how they are taken from samples, and how they are shown. */

export const print = (text: string): boolean => process.stdout.write(`${text}\n`)

/** What was not measured is shown as no number. */
export const mebibytes = (bytes: number | undefined): string => `${Math.round((bytes ?? Number.NaN) / 2 ** 20)} MiB`

/** The smallest sample that so many percent do not exceed; no number where there are none. */
export const percentile = (samples: readonly number[], rank: number): number =>
  [...samples].sort((left, right) => left - right)[Math.ceil((rank / 100) * samples.length) - 1] ?? Number.NaN
