import { describe, expect, it } from 'vitest'
import { knobs } from '../../../../topology/model/knobs.ts'
import { seededRandom } from '../../../../topology/testing/seeded-random.ts'
import { Draw } from '../../../../topology/testing/simulation/draw/draw.ts'
import { drawKnobs } from '../../../../topology/testing/simulation/draw/draw-knobs.ts'

describe('drawn knobs', () => {
  it('lie within the bounds of the table, and are small', () => {
    for (let seed = 0; seed < 200; seed++) {
      for (const [name, value] of Object.entries(drawKnobs(new Draw(seededRandom(seed))))) {
        const { min, max, initial } = knobs.get(name)!
        expect(value, name).toBeGreaterThanOrEqual(min)
        expect(value, name).toBeLessThanOrEqual(max)
        // Where 0 is no limit any other is less, and a share of 1 puts nobody apart.
        if (initial > 0 && value !== max) expect(value, name).toBeLessThanOrEqual(Math.max(initial, 20 * min))
      }
    }
  })
})
