/** `topology resume`: takes a pause back; what has waited in the log is caught up with. */
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { branchText, chooseBranch } from './choose-branch.ts'
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
        const more = {
          notes: failed,
          undo: `topology pause ${branch.name}${tenant === undefined ? '' : ` --tenant ${tenant}`}`,
        }
        if (tenant === undefined)
          return askAndTell(io, input, reader, { kind: 'branch', branch: branch.name, isPaused: false }, asking, {
            says: goesOn(shown),
            same: `${shown} is not paused; what is held back of a tenant: \`topology tenant list\``,
            ...more,
          })
        const wish = { kind: 'tenant', tenant, branch: branch.name, eventsPerSecond: null } as const
        return askAndTell(io, input, reader, wish, asking, {
          says: `${shown} takes the events of ${tenant} again, those first that waited`,
          ...more,
        })
      },
      'write',
    )
  },
}

const goesOn = (shown: string): string => `${shown} goes on from its place; \`topology status\` shows how it catches up`

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
