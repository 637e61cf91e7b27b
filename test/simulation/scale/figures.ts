/** What a scene of scale measures at several sizes, and the bound and growth that are asserted of it. */

export interface Figure {
  readonly what: string
  /** One for each size of the scene. */
  readonly values: readonly number[]
  /** Of the largest size. */
  readonly bound: number
  /** `linear`: in the size, at most. `level`: the size does not matter. `none`: only the bound is asserted. */
  readonly growth: 'linear' | 'level' | 'none'
}

export interface SceneResult {
  readonly scene: string
  /** What is doubled, and the sizes: each is a multiple of the first. */
  readonly of: string
  readonly sizes: readonly number[]
  readonly figures: readonly Figure[]
}

// For what is rounded, and what falls into a window by chance. What grows with the square is twice as much after each doubling.
const tolerance = 1.3

/** What is wrong, in words. */
export const problemsOf = ({ sizes, figures }: SceneResult): readonly string[] =>
  figures.flatMap(({ what, values, bound, growth }) => {
    const problems: string[] = []
    const last = values.at(-1)!
    if (!(last <= bound)) problems.push(`${what}: ${shown(last)} is above the bound ${shown(bound)}`)
    if (growth === 'none') return problems
    const [first] = values
    for (let index = 1; index < values.length; index++) {
      const most = growth === 'level' ? 1 : sizes[index]! / sizes[0]!
      const [before, after] = [first!, values[index]!]
      if (after <= before * most * tolerance) continue
      problems.push(`${what}: ${shown(before)} became ${shown(after)} while the size grew ${most} times (${growth})`)
    }
    return problems
  })

const shown = (value: number): string =>
  (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en')

/** A table: one line for each figure. */
export const tableOf = (results: readonly SceneResult[]): string =>
  results
    .flatMap(({ scene, of, sizes, figures }) => [
      `${scene}: ${of} ${sizes.join(', ')}`,
      ...figures.map(
        ({ what, values, bound, growth }) =>
          `  ${what.padEnd(64)} ${values.map((value) => shown(value).padStart(11)).join('')}   <= ${shown(bound)}${growth === 'none' ? '' : `, ${growth}`}`,
      ),
    ])
    .join('\n')

/** The values of one figure out of what was measured at each size. */
export const column = <Measured>(
  measured: readonly Measured[],
  what: string,
  figureOf: (one: Measured) => number,
  bound: number,
  growth: Figure['growth'],
): Figure => ({ what, values: measured.map(figureOf), bound, growth })
