/** A ledger in memory that notes when it was written, and does to each change and each read what the test says. */
import { createMemoryLedger, createVirtualClock, seededRandom } from 'spillway/testing'
import type { EngineParts } from '../../../topology/engine/shell/engine-parts.ts'
import { LedgerWriter } from '../../../topology/engine/shell/ledger-writer.ts'
import { errors } from '../../../topology/model/errors.ts'
import { knobValue } from '../../../topology/model/knobs.ts'
import type { LedgerDocument } from '../../../topology/model/ledger-document.ts'
import type { Ledger, LedgerKey } from '../../../topology/model/ports/ledger.ts'
import { drive } from '../../../topology/testing/drive.ts'

export const key: LedgerKey = { topology: 'shop', spout: 'events', partition: 0 }
/** `undefined` in a list of fates: nothing happens to the call. */
export type Fate = 'replyLost' | 'lost' | 'broken' | undefined

const meet = (fate: Fate): void => {
  if (fate === 'broken') throw errors.storeFormat({ store: 'ledger', reason: 'another program' })
  if (fate === 'lost') throw errors.storeUnavailable({ store: 'ledger', reason: 'away' })
}

export class GivenLedger {
  readonly clock = createVirtualClock(0)
  readonly memory = createMemoryLedger()
  readonly writtenAtMs: number[] = []
  /** What the writer has reported. */
  readonly told: string[] = []
  fates: Fate[] = []
  readFates: Fate[] = []
  /** Called before each change: somebody else is faster. */
  meanwhile: (() => Promise<void>) | undefined
  /** Called behind the next change, before its reply comes back. */
  beforeReply: (() => Promise<void>) | undefined
  readonly abort = new AbortController()

  async writer(doc: LedgerDocument): Promise<LedgerWriter> {
    await this.memory.compareAndSet(key, undefined, { ...doc, ver: 1 })
    const parts = {
      clock: this.clock,
      random: seededRandom(1),
      knob: (name: string) => knobValue(name),
      report: ({ text }: { text: string }) => this.told.push(text),
      resources: { ledger: this.#port() },
    } as unknown as EngineParts // the writer takes no other part
    return new LedgerWriter(parts, key, { ...doc, ver: 1 }, this.abort.signal, () => undefined)
  }

  drive<Result>(work: Promise<Result>): Promise<Result> {
    return drive(this.clock, work)
  }

  #port(): Ledger {
    const compareAndSet: Ledger['compareAndSet'] = async (place, expected, next) => {
      this.writtenAtMs.push(this.clock.nowMs())
      const meanwhile = this.meanwhile
      this.meanwhile = undefined
      await meanwhile?.()
      const fate = this.fates.shift()
      meet(fate)
      const answer = await this.memory.compareAndSet(place, expected, next)
      const beforeReply = this.beforeReply
      this.beforeReply = undefined
      await beforeReply?.()
      meet(fate === 'replyLost' ? 'lost' : fate)
      return answer
    }
    const { memory } = this
    return {
      read: async (place) => {
        meet(this.readFates.shift())
        return memory.read(place)
      },
      keys: () => memory.keys('shop'),
      close: async () => {},
      compareAndSet,
    }
  }
}
