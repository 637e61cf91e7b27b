/**
 * How many objects an archive would write in an hour, from a sample of one partition: pure arithmetic on which project and
 * collection each record of the sample has, and when the log took it.
 *
 * A lane closes all its outputs together, once an age, and each output that got something is an object. So what counts
 * is how many different outputs a partition shows within an age: few where the log is keyed by project, nearly all of
 * them where it is not.
 */
export interface OutputSample {
  /** Project and collection of each record as one text. */
  readonly outputs: readonly string[]
  /** Append times, ms since 1970, in the order of the log. */
  readonly timesMs: readonly number[]
}

const hourMs = 3_600_000
// Fewer say nothing.
const recordsMin = 100

/** Of one partition; `undefined`: the sample is too small to tell. */
export const objectsPerHour = ({ outputs, timesMs }: OutputSample, ageMs: number): number | undefined => {
  if (outputs.length < recordsMin) return undefined
  const firstMs = timesMs[0]!
  const lastedMs = Math.max(1, timesMs.at(-1)! - firstMs)
  const ages = Math.ceil(lastedMs / ageMs)
  if (ages > 1) {
    const met = new Set(outputs.map((output, index) => `${Math.floor((timesMs[index]! - firstMs) / ageMs)} ${output}`))
    return (met.size / ages) * (hourMs / ageMs)
  }
  const perAge = Math.min(new Set(outputs).size * (ageMs / lastedMs), allOutputs(outputs))
  return perAge * (hourMs / ageMs)
}

/** How many there are, the unseen included: many that were met once only say that there are many more (Chao 1984). */
const allOutputs = (outputs: readonly string[]): number => {
  const counts = new Map<string, number>()
  for (const output of outputs) counts.set(output, (counts.get(output) ?? 0) + 1)
  let [once, twice] = [0, 0]
  for (const count of counts.values()) {
    if (count === 1) once += 1
    else if (count === 2) twice += 1
  }
  return counts.size + (once * Math.max(0, once - 1)) / (2 * (twice + 1))
}
