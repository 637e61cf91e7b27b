/**
 * The coordinator of one consumer group in memory: it lets members join, waits for all, and fences who is late.
 *
 * Faults by hand: `forget` is a session that ended, `isDown` a coordinator that cannot be reached.
 */
import type { Clock } from '../../../topology/model/ports/clock.ts'
import type { Offset, Partition } from '../../../topology/model/position.ts'
import type { GroupCoordinator, Joined, Member } from '../../../topology/spouts/kafka/group-coordinator.ts'

interface Waiting<Answer> {
  resolve(answer: Answer): void
  reject(error: Error): void
}

interface FakeMember {
  subscription: Uint8Array
  heardMs: number
  joining?: Waiting<Joined> | undefined
  syncing?: Waiting<Uint8Array> | undefined
}

const codes = {
  notCoordinator: 16,
  illegalGeneration: 22,
  inconsistentProtocol: 23,
  unknownMember: 25,
  rebalanceInProgress: 27,
  groupAuthorization: 30,
} as const

export type Refusal = keyof typeof codes

export const refusal = (name: Refusal): Error => Object.assign(new Error(name), { code: codes[name] })

const nothing = new Uint8Array()
const sessionMs = 6_000

export class FakeGroup {
  readonly offsets = new Map<Partition, Offset>()
  /** Answers that the next calls get, of any kind. */
  readonly refusals: Refusal[] = []
  partitions: number
  isDown = false
  /** How often connections were thrown away. */
  resets = 0
  readonly #members = new Map<string, FakeMember>()
  #assignments: ReadonlyMap<string, Uint8Array> = new Map()
  #state: 'preparing' | 'completing' | 'stable' = 'stable'
  #generation = 0
  #named = 0

  readonly #clock: Pick<Clock, 'nowMs'>

  constructor(partitions: number, clock: Pick<Clock, 'nowMs'>) {
    this.partitions = partitions
    this.#clock = clock
  }

  memberIds(): readonly string[] {
    return [...this.#members.keys()]
  }

  forget(id: string): void {
    const member = this.#members.get(id)
    member?.joining?.reject(refusal('unknownMember'))
    member?.syncing?.reject(refusal('unknownMember'))
    this.#members.delete(id)
    this.#prepare()
    this.#complete()
  }

  /** Forgets who has been silent for a session. */
  expire(): void {
    for (const [id, { joining, heardMs }] of this.#members) {
      if (joining === undefined && this.#clock.nowMs() - heardMs > sessionMs) this.forget(id)
    }
  }

  coordinator(): GroupCoordinator {
    return {
      join: (id, subscription) => this.#join(id, subscription),
      sync: (member, given) => this.#sync(member, given),
      heartbeat: async (member) => {
        this.#check(member)
        if (this.#state === 'preparing') throw refusal('rebalanceInProgress')
      },
      commit: async (member, offsets) => {
        this.#check(member)
        for (const [partition, offset] of offsets) this.offsets.set(partition, offset)
      },
      leave: async (id) => {
        this.#answer()
        this.forget(id)
      },
      partitionCounts: async (topics) => {
        this.#answer()
        return new Map(topics.map((topic) => [topic, this.partitions]))
      },
      reset: () => {
        this.resets++
      },
      close: () => undefined,
    }
  }

  async #join(given: string, subscription: Uint8Array): Promise<Joined> {
    this.#answer()
    if (given !== '' && !this.#members.has(given)) throw refusal('unknownMember')
    const id = given === '' ? `member-${this.#named++}` : given
    this.#prepare()
    return new Promise((resolve, reject) => {
      this.#members.get(id)?.joining?.reject(refusal('unknownMember'))
      this.#members.set(id, { subscription, heardMs: this.#clock.nowMs(), joining: { resolve, reject } })
      this.#complete()
    })
  }

  /** Everybody must join again; who waits for an assignment waits in vain. */
  #prepare(): void {
    this.#state = 'preparing'
    for (const member of this.#members.values()) {
      member.syncing?.reject(refusal('rebalanceInProgress'))
      member.syncing = undefined
    }
  }

  /** Once everybody has joined a generation begins, led by the first. */
  #complete(): void {
    const all = [...this.#members]
    if (all.length === 0 || all.some(([, { joining }]) => joining === undefined)) return
    const generation = ++this.#generation
    this.#state = 'completing'
    this.#assignments = new Map()
    const members = all.map(([id, { subscription }]) => ({ id, subscription }))
    for (const [index, [id, member]] of all.entries()) {
      member.joining?.resolve({ id, generation, isLeader: index === 0, members: index === 0 ? members : [] })
      member.joining = undefined
      member.heardMs = this.#clock.nowMs()
    }
  }

  async #sync(member: Member, given: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
    const known = this.#check(member)
    if (this.#state === 'preparing') throw refusal('rebalanceInProgress')
    if (given.size > 0) {
      this.#assignments = given
      this.#state = 'stable'
      for (const [id, { syncing }] of this.#members) syncing?.resolve(given.get(id) ?? nothing)
    }
    if (this.#state === 'stable') return this.#assignments.get(member.id) ?? nothing
    return new Promise((resolve, reject) => {
      known.syncing = { resolve, reject }
    })
  }

  #check({ id, generation }: Member): FakeMember {
    this.#answer()
    const member = this.#members.get(id)
    if (member === undefined) throw refusal('unknownMember')
    if (generation !== this.#generation) throw refusal('illegalGeneration')
    member.heardMs = this.#clock.nowMs()
    return member
  }

  #answer(): void {
    const name = this.refusals.shift()
    if (name !== undefined) throw refusal(name)
    if (this.isDown) throw new Error('connection refused')
  }
}
