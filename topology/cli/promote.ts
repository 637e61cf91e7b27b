/** `topology promote`: makes the result of a replay the one that readers see, all of its sinks at once, or none. */
import { writeAudit } from '../../sinks/rows/audit.ts'
import { writeServed } from '../../sinks/rows/served-table.ts'
import type { PromotionObstacle } from '../engine/ledger/judge-promotion.ts'
import type { JsonObject } from '../model/json.ts'
import { liveNamespace, namespacedSink } from '../model/namespace.ts'
import { type Promotion, type PromotionRequest, promoteNamespace } from '../promote-namespace.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { nextStep, obstacleText, obstacleTexts } from './obstacle-texts.ts'
import { type Reader, withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { createTalk, type Talk } from './talk.ts'
import { textTable } from './text-table.ts'
import { userName } from './user-name.ts'

export const promote: CommandDefinition = {
  name: 'promote',
  doc: 'Makes the result of a replay what readers see in the place of the declared sinks: query, schema, events, objects and whatever else reads by the name of a sink, all of them at once. The namespace has to go on with what comes (`topology replay --follow`), hold everything that is read now and be no further behind. What was read before is computed on beside it, so --undo leads back, and --namespace live still shows the declared sinks. `topology run` of a FILE whose sinks have changed is accepted once a namespace of it is promoted.',
  arguments: [
    { name: 'NAMESPACE', doc: 'of a replay, or live: the declared sinks; not with --undo', isRequired: false },
  ],
  options: [
    { flags: '--undo', doc: 'what was read before the last change is read again' },
    { flags: '--wait', doc: 'waits until it has caught up' },
    { flags: '--leave <SINK>', doc: 'this sink stays as it is read now; may be given several times', isRepeated: true },
    {
      flags: '--partial',
      doc: 'also where readers will see less than now: a range that has ended, one tenant, offsets that were lost',
    },
    { flags: '--because <TEXT>', doc: 'why; kept in the change log' },
    { flags: '--by <NAME>', doc: 'who asks for it (default: your user name)' },
  ],
  common: ['rows', 'topology', 'json'],
  examples: [
    'topology promote v2',
    "topology promote v2 --wait --because 'revenue by region'",
    'topology promote --undo',
  ],
  run: (io, input) => {
    const [namespace] = input.operands
    const isUndone = input.flag('undo')
    if (namespace === undefined && !isUndone) input.note({ text: 'NAMESPACE is missing: what readers are to see' })
    if (namespace !== undefined && isUndone) input.note({ at: '--undo', text: 'takes no NAMESPACE' })
    const request: PromotionRequest = {
      to: isUndone || namespace === undefined ? 'undo' : { namespace },
      leave: input.texts('leave'),
      isPartial: input.flag('partial'),
      by: input.text('by') ?? userName(io),
      reason: input.text('because') ?? '',
    }
    return withReader<ExitCode>(io, input, (reader) => perform(io, input, reader, request), 'write')
  },
}

const lookEveryMs = 500

const perform = async (
  io: CommandIo,
  input: CommandInput,
  { rows, ledger, topology: { topology } }: Reader,
  request: PromotionRequest,
): Promise<ExitCode> => {
  const { clock, random, signal } = io
  const talk = createTalk(io, input.logLevel)
  for (;;) {
    const outcome = await promoteNamespace({ ledger, clock, random }, topology, request, signal).catch(
      (error: unknown) => {
        // Broken off by a person, at whatever it waited for.
        if (!signal.aborted) throw error
        return undefined
      },
    )
    if (outcome === undefined) {
      talk.clear()
      talk.warn('nothing was changed: it was broken off before')
      return 1
    }
    if (outcome.kind === 'refused' && outcome.isPassing && input.flag('wait') && !signal.aborted) {
      talk.progress(`waiting: ${obstacleText(outcome.obstacles[0]!)}`)
      await clock.sleep(lookEveryMs, signal)
      continue
    }
    talk.clear()
    if (outcome.kind === 'refused') return refuse(io, input, talk, request, outcome)
    if (outcome.isChanged) {
      const { by: author, reason } = request
      const [before, after] = [outcome.before, outcome.after].map(({ sinks }) => readText(sinks))
      const entry = { topology, atMs: clock.nowMs(), kind: 'namespace', name: nameOf(request), author, reason }
      await writeAudit(rows, { ...entry, before: before!, after: after!, untilMs: null })
    }
    await writeServed(rows, topology, outcome.after)
    await tell(io, input, talk, outcome)
    return 0
  }
}

const nameOf = ({ to }: PromotionRequest): string => (to === 'undo' ? 'undo' : to.namespace)

/** `revenue@v2, schemas@v2`; `live` where nothing is promoted. */
const readText = (sinks: Readonly<Record<string, string>>): string =>
  Object.entries(sinks)
    .map(([sink, namespace]) => namespacedSink(sink, namespace))
    .join(', ') || liveNamespace

const tell = async (
  io: CommandIo,
  input: CommandInput,
  talk: Talk,
  { before, after, isChanged }: Extract<Promotion, { kind: 'done' }>,
): Promise<void> => {
  const names = [...new Set([...Object.keys(before.sinks), ...Object.keys(after.sinks)])].sort()
  const changes = names.map((sink) => ({
    sink,
    before: namespacedSink(sink, before.sinks[sink]),
    after: namespacedSink(sink, after.sinks[sink]),
  }))
  if (input.flag('json')) return printJson(io, input, { changed: isChanged, sinks: changes })
  const columns = [{ title: 'SINK' }, { title: 'WAS READ' }, { title: 'IS READ' }]
  if (changes.length > 0)
    await io.print(
      textTable(
        columns,
        changes.map((one) => [one.sink, one.before, one.after]),
      ),
    )
  if (!isChanged) return talk.info('it is what readers see already: nothing was changed')
  talk.info('readers see it from now on, with their next question; `topology promote --undo` leads back')
}

const refuse = async (
  io: CommandIo,
  input: CommandInput,
  talk: Talk,
  request: PromotionRequest,
  { obstacles, isPassing }: Extract<Promotion, { kind: 'refused' }>,
): Promise<ExitCode> => {
  if (input.flag('json'))
    await printJson(io, input, {
      changed: false,
      obstacles: obstacles.map(({ key: { spout, partition }, obstacle }) => ({
        spout,
        partition,
        ...obstacleJson(obstacle),
      })),
    })
  for (const text of obstacleTexts(obstacles)) talk.error(text)
  talk.info(`nothing was changed${nextStep(obstacles, isPassing, nameOf(request))}`)
  return 1
}

const obstacleJson = (obstacle: PromotionObstacle): JsonObject =>
  obstacle.kind === 'narrow' ? { ...obstacle, tenant: obstacle.tenant ?? null } : { ...obstacle }
