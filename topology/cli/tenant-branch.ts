/** What the commands that rule a tenant share: in which branch, and what such a rule cannot do. */
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { chooseBranch } from './choose-branch.ts'
import type { OptionDefinition } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { didYouMean } from './did-you-mean.ts'
import type { Reader } from './open-reader.ts'

export interface TenantBranch {
  /** A sink or bolt; absent: everywhere. */
  readonly branch?: string
  /** Behind a name: ` in archive`, or nothing. */
  readonly inText: string
  /** Behind a command: ` --branch archive`, or nothing. */
  readonly flagText: string
  readonly notes: readonly string[]
}

export const branchFlag: OptionDefinition = {
  flags: '--branch <BRANCH>',
  doc: 'only in this sink, or in all sinks below this bolt',
}

export const readTenantBranch = async (input: CommandInput, reader: Reader): Promise<TenantBranch> => {
  const branch = input.text('branch')
  const chosen = branch === undefined ? undefined : chooseBranch(reader.topology, branch, '--branch')
  const kept = (await orderedSinks(reader)).filter((sink) => chosen === undefined || chosen.sinks.includes(sink))
  const notes = kept.length === 0 ? [] : [`not in ${kept.join(', ')}: what needs its events in order is not parted`]
  if (branch === undefined) return { inText: '', flagText: '', notes }
  return { branch, inText: ` in ${branch}`, flagText: ` --branch ${branch}`, notes }
}

// A run tells so many, the largest ones: with as many, others may be there.
const toldMost = 50

/** A slip of the hand would rule nobody. It may still be right: whoever has sent nothing since the start is not known. */
export const unknownTenantNotes = async (
  { rows, topology }: Pick<Reader, 'rows' | 'topology'>,
  tenant: string,
  nowMs: number,
): Promise<readonly string[]> => {
  const { snapshots } = await readRunPositions(rows, topology.topology, nowMs)
  const known = new Set(snapshots.flatMap(({ tenants }) => tenants.map((one) => one.tenant)))
  if (known.size === 0 || known.has(tenant)) return []
  const near = didYouMean(tenant, known)
  if (near === '' && known.size >= toldMost) return []
  return [`note: nothing of ${tenant} has been read since the run began${near}`]
}

/** Every partition has the same sinks: one document tells. */
const orderedSinks = async ({ ledger, topology }: Reader): Promise<readonly string[]> => {
  const [key] = await ledger.keys(topology.topology)
  const doc = key === undefined ? undefined : await ledger.read(key)
  const sinks = Object.entries(doc?.sinks ?? {})
  return sinks.filter(([, sink]) => sink.isOrdered === true && !sink.retired).map(([name]) => name)
}
