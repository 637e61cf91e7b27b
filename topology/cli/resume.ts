/** `topology resume`: takes a pause back; what has waited in the log is caught up with. */
import { readControls } from '../../sinks/rows/controls.ts'
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { standingControls } from '../standing-controls.ts'
import { type Branch, branchText, chooseBranch } from './choose-branch.ts'
import type { CommandDefinition, ExitCode } from './command.ts'
import { askAndTell, controlCommons, controlOptions, readAsking } from './control-command.ts'
import { type Reader, withReader } from './open-reader.ts'

export const resume: CommandDefinition = {
  name: 'resume',
  doc: 'Lets a paused branch go on from its place, or with the events of one tenant that waited. It catches up beside the others; where it is far behind, fresh data goes first.',
  arguments: [{ name: 'BRANCH', doc: 'a sink, or a bolt with all sinks below it', isRequired: true }],
  options: [{ flags: '--tenant <NAME>', doc: "only this tenant's events" }, ...controlOptions()],
  common: controlCommons,
  examples: ['topology resume archive', 'topology resume archive --tenant acme'],
  run: (io, input) => {
    const tenant = input.text('tenant')
    const asking = readAsking(io, input)
    return withReader<ExitCode>(
      io,
      input,
      async (reader) => {
        const branch = chooseBranch(reader.topology, input.operands[0] ?? '')
        const shown = branchText(branch)
        const failed = await failedNotes(reader, branch.sinks, asking.nowMs)
        if (tenant === undefined) {
          const { isPaused, held, stay } = await otherPauses(reader, branch, asking.nowMs)
          const isHeld = stay.length > 0 && branch.sinks.every((sink) => held.has(sink))
          const same = `${shown} is not paused; what is held back of a tenant: \`topology tenant list\``
          return askAndTell(io, input, reader, { kind: 'branch', branch: branch.name, isPaused: false }, asking, {
            ...(isHeld ? { says: stay.join('\n') } : { says: goesOn(shown), same }),
            notes: [...(isHeld ? [] : stay), ...failed],
            ...(isPaused ? { undo: `topology pause ${branch.name}` } : {}),
          })
        }
        const wish = { kind: 'tenant', tenant, branch: branch.name, eventsPerSecond: null } as const
        return askAndTell(io, input, reader, wish, asking, {
          says: `${shown} takes the events of ${tenant} again, those first that waited`,
          notes: failed,
          undo: `topology pause ${branch.name} --tenant ${tenant}`,
        })
      },
      'write',
    )
  },
}

const goesOn = (shown: string): string => `${shown} goes on from its place; \`topology status\` shows how it catches up`

interface OtherPauses {
  /** Whether the branch itself is paused. */
  readonly isPaused: boolean
  /** Its sinks that rest because of something else. */
  readonly held: ReadonlySet<string>
  /** A sentence for each of these pauses. */
  readonly stay: readonly string[]
}

/** A sink rests as long as any pause covers it: its own, or that of a bolt above it. */
const otherPauses = async (
  { rows, topology }: Pick<Reader, 'rows' | 'topology'>,
  { name, sinks }: Branch,
  nowMs: number,
): Promise<OtherPauses> => {
  const { pausedBranches } = standingControls(await readControls(rows, topology.topology, 'branch'), nowMs)
  const held = new Set<string>()
  const stay: string[] = []
  for (const other of pausedBranches) {
    const bolt = topology.bolts?.find((one) => one.name === other)
    const own = sinks.filter((sink) => (bolt?.sinks ?? [other]).includes(sink))
    if (other === name || own.length === 0) continue
    for (const sink of own) held.add(sink)
    const how = bolt === undefined ? 'by itself' : `with bolt ${other}`
    const verb = own.length === 1 ? 'stays' : 'stay'
    stay.push(`${own.join(', ')} ${verb} paused${bolt === undefined ? ' ' : ', '}${how}: \`topology resume ${other}\``)
  }
  return { isPaused: pausedBranches.has(name), held, stay }
}

/** What has failed is not paused: people would wait for nothing. */
const failedNotes = async (
  { rows, topology }: Pick<Reader, 'rows' | 'topology'>,
  sinks: readonly string[],
  nowMs: number,
): Promise<readonly string[]> => {
  const { snapshots } = await readRunPositions(rows, topology.topology, nowMs)
  const failed = snapshots
    .flatMap(({ branches }) => branches)
    .filter(({ branch, state }) => state === 'failed' && sinks.includes(branch))
  const names = [...new Set(failed.map(({ branch }) => branch))]
  if (names.length === 0) return []
  const verb = names.length === 1 ? 'has' : 'have'
  return [
    `${names.join(', ')} ${verb} failed: ${failed[0]!.reason}`,
    'once that is mended, a new start of `topology run` goes on from where it stopped',
  ]
}
