/**
 * This process's place in a consumer group: which partitions of the topic it has, and the offsets that lag tools see.
 *
 * An ordinary member to brokers and tools, driven by the machine in `group-state.ts` over plain calls to the
 * coordinator. A rebalance takes nothing away: the listener hears one whole share after another, so that a lane whose
 * partition stays does not notice. I-1 to I-4 do not rest on it: two owners of a partition are safe, and recovery never
 * reads the offsets committed here. It must never end in silence: what no waiting heals is told.
 */
import { errors } from '../../model/errors.ts'
import type { Clock } from '../../model/ports/clock.ts'
import type { GroupListener, GroupMembership } from '../../model/ports/event-log.ts'
import type { Random } from '../../model/ports/random.ts'
import { partition as toPartition } from '../../model/position.ts'
import type { GroupCoordinator, Joined, Member } from './group-coordinator.ts'
import { createGroupOffsets, type GroupOffsets } from './group-offsets.ts'
import { firstGroupState, type GroupEvent, type GroupState, nextGroupState, restMsOf } from './group-state.ts'
import { groupReasonOf, groupTroubleOf } from './group-trouble.ts'
import { shareOut } from './share-out.ts'
import { decodeAssignment, encodeSubscription } from './subscription.ts'

export interface KafkaGroupOptions {
  readonly group: string
  readonly topic: string
  /** How many partitions this process knows of; others it cannot read. */
  readonly partitions: number
  /** Used by this membership alone, and closed with it. */
  readonly coordinator: GroupCoordinator
  readonly listener: GroupListener
  readonly clock: Clock
  readonly random: Random
}

// A twelfth of the session. A rebalance is heard of with the next one, which is part of every takeover.
const heartbeatMs = 500
// How often it is looked whether the topic has grown.
const growthMs = 60_000
// How long each step of leaving may hold up the end of the process.
const farewellMs = 1_500

/** Joins at once and keeps trying; what comes of it is told to the listener. */
export const joinKafkaGroup = (options: KafkaGroupOptions): GroupMembership => {
  const { coordinator, listener, clock } = options
  const offsets = createGroupOffsets(coordinator)
  const farewell = new AbortController()
  const act = actionsOf(options, offsets, farewell.signal)
  const tellTrouble = troubleTeller(options)
  let state: GroupState = firstGroupState

  const live = async (): Promise<void> => {
    while (state.kind !== 'ended') {
      const event = await eventOf(act, state, farewell.signal)
      if (!farewell.signal.aborted) tellTrouble(event, state)
      state = nextGroupState(state, event)
    }
    if (state.refusal !== undefined) throw state.refusal
  }

  const ended = live()
    .catch((error: unknown) => {
      if (!farewell.signal.aborted) listener.failed(failureOf(options, error))
    })
    .finally(() => coordinator.close())

  return {
    commit: async (given) => {
      offsets.add(given)
      if (state.kind === 'stable') await offsets.send(state.member)
    },
    leave: async () => {
      if (state.kind === 'stable') await atMost(clock, offsets.send(state.member))
      farewell.abort()
      await ended
    },
  }
}

type Act = (state: GroupState) => Promise<GroupEvent>

/** What each state says to do. */
const actionsOf = (options: KafkaGroupOptions, offsets: GroupOffsets, farewell: AbortSignal): Act => {
  const { topic, coordinator, listener, clock, random } = options
  const lookForGrowth = growthTeller(options)
  let owned: { readonly partitions: readonly number[]; readonly generation: number } = {
    partitions: [],
    generation: -1,
  }
  let joining: Promise<Joined> | undefined

  const join = async (memberId: string): Promise<GroupEvent> => {
    const { partitions, generation } = owned
    const subscription = { topics: [topic], owned: new Map([[topic, partitions]]), generation }
    joining = coordinator.join(memberId, encodeSubscription(subscription))
    return { kind: 'joined', joined: await joining }
  }

  const sync = async (joined: Joined): Promise<GroupEvent> => {
    const assignments = joined.isLeader ? await shareOut(joined, topic, coordinator) : new Map<string, Uint8Array>()
    const assigned = decodeAssignment(await coordinator.sync(joined, assignments)).get(topic) ?? []
    if (farewell.aborted) return { kind: 'synced' }
    owned = { partitions: assigned, generation: joined.generation }
    const partitions = assigned.filter((one) => one < options.partitions).map(toPartition)
    offsets.keepOnly(new Set(partitions))
    listener.assigned(partitions)
    return { kind: 'synced' }
  }

  const beat = async (member: Member): Promise<GroupEvent> => {
    await clock.sleep(heartbeatMs, farewell)
    await coordinator.heartbeat(member)
    // What a call could not tell meanwhile.
    await offsets.send(member)
    await lookForGrowth()
    return { kind: 'beaten' }
  }

  const rest = async (state: GroupState & { readonly kind: 'rejoining' }): Promise<GroupEvent> => {
    if (state.after === 'unreachable') coordinator.reset()
    await clock.sleep(restMsOf(state.troubles, random.next()), farewell)
    return { kind: 'rested' }
  }

  /** Who leaves while the first join is under way has an id only when that is answered. */
  const leave = async (known: string): Promise<GroupEvent> => {
    const memberId = known !== '' || joining === undefined ? known : (await atMost(clock, joining))?.id
    if (memberId) await atMost(clock, coordinator.leave(memberId))
    return { kind: 'left' }
  }

  return (state) => {
    if (state.kind === 'joining') return join(state.memberId)
    if (state.kind === 'syncing') return sync(state.joined)
    if (state.kind === 'stable') return beat(state.member)
    if (state.kind === 'rejoining') return rest(state)
    return leave(state.kind === 'leaving' ? state.memberId : '')
  }
}

/** What came of it, or that we are told to leave meanwhile: a join may wait for others for as long as a rebalance. */
const eventOf = (act: Act, state: GroupState, farewell: AbortSignal): Promise<GroupEvent> =>
  new Promise((resolve) => {
    const interrupt = (): void => resolve({ kind: 'told to leave' })
    if (state.kind !== 'leaving') {
      if (farewell.aborted) return interrupt()
      farewell.addEventListener('abort', interrupt)
    }
    act(state)
      .catch((error: unknown): GroupEvent => ({ kind: 'failed', error }))
      .then((event) => {
        farewell.removeEventListener('abort', interrupt)
        resolve(event)
      })
  })

/** The answer, or nothing when there is none in time or it is an error. */
const atMost = async <Answer>(clock: Clock, work: Promise<Answer>): Promise<Answer | undefined> => {
  const isOver = new AbortController()
  const answer = work.catch(() => undefined).finally(() => isOver.abort())
  return Promise.race([answer, clock.sleep(farewellMs, isOver.signal).then(() => undefined)])
}

/** Tells people that a topic has partitions that this process does not know: they are read by processes that begin later. */
const growthTeller = ({
  topic,
  partitions,
  coordinator,
  listener,
  clock,
}: KafkaGroupOptions): (() => Promise<void>) => {
  let lookedAtMs = clock.nowMs()
  return async () => {
    if (clock.nowMs() - lookedAtMs < growthMs) return
    lookedAtMs = clock.nowMs()
    // Growth is no reason to lose the place in the group: who cannot look looks again later.
    const counts = await coordinator.partitionCounts([topic]).catch(() => new Map<string, number>())
    const found = counts.get(topic) ?? 0
    if (found > partitions) listener.troubled?.(errors.topicGrown({ topic, found, known: partitions }))
  }
}

/** Tells people what keeps us out of the group until a heartbeat succeeds; a rebalance and a single failure are daily life. */
const troubleTeller = ({
  listener,
  group,
  topic,
}: KafkaGroupOptions): ((event: GroupEvent, state: GroupState) => void) => {
  let isTold = false
  return (event, state) => {
    if (event.kind === 'beaten' && isTold) {
      isTold = false
      listener.troubled?.(undefined)
    }
    if (event.kind !== 'failed' || !('troubles' in state) || state.troubles === 0) return
    const trouble = groupTroubleOf(event.error)
    if (trouble === 'rebalancing' || trouble === 'refused') return
    isTold = true
    listener.troubled?.(errors.groupAway({ group, topic, reason: groupReasonOf(event.error) }, event.error))
  }
}

const failureOf = ({ group, topic }: KafkaGroupOptions, error: unknown): unknown =>
  groupTroubleOf(error) === 'refused'
    ? errors.groupRefused({ group, topic, reason: groupReasonOf(error) }, error)
    : error
