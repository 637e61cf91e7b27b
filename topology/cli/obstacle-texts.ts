/** What stands in the way of a promotion, in sentences, and what a person can do about it. */
import type { FoundObstacle } from '../promote-namespace.ts'
import { formatNumber, plural } from './text-table.ts'

/** One line for each sink and kind, over all partitions. */
export const obstacleTexts = (obstacles: readonly FoundObstacle[]): readonly string[] => {
  const groups = Map.groupBy(obstacles, ({ obstacle: { kind, sink } }) => `${kind} ${sink}`)
  return [...groups.values()].map((group) => {
    const more = group.length === 1 ? '' : ` (and in ${plural(group.length - 1, 'more partition')})`
    return `${obstacleText(group[0]!)}${more}`
  })
}

export const obstacleText = ({ key, obstacle }: FoundObstacle): string => {
  const { sink } = obstacle
  switch (obstacle.kind) {
    case 'missing':
      return `${sink} is not there`
    case 'retired':
      return `${sink} is out of service: nobody computes it any more`
    case 'ended':
      return `${sink} has an end: readers would see nothing that comes behind it`
    case 'narrow':
      return `${sink} holds ${obstacle.tenant === undefined ? 'some event times' : `project ${obstacle.tenant}`} only: readers would see nothing else`
    case 'late':
      return `${sink} begins at offset ${formatNumber(obstacle.from)} of partition ${key.partition}, what is read now at ${formatNumber(obstacle.before)}: readers would see nothing of what lies before`
    case 'lost':
      return `${sink} lacks ${plural(obstacle.offsets, 'offset')} in [${formatNumber(obstacle.from)}, ${formatNumber(obstacle.to)}) of partition ${key.partition}, which the log dropped before they were read: readers would no longer see what they hold`
    case 'behind':
      return `${sink} is ${plural(obstacle.records, 'record')} behind what is read now in partition ${key.partition}`
    case 'deletes':
      return `${sink} is not done with ${plural(obstacle.entries, 'delete')} in partition ${key.partition}: readers could see again what is gone from what is read now`
    default:
      return obstacle satisfies never
  }
}

/** Goes on behind "nothing was changed". `isPassing`: time will take all of them away. */
export const nextStep = (obstacles: readonly FoundObstacle[], isPassing: boolean, namespace: string): string => {
  if (isPassing) return '; --wait waits for it, while `topology run` or its `topology replay` is at work'
  const kinds = new Set(obstacles.map(({ obstacle }) => obstacle.kind))
  if (kinds.has('ended'))
    return `; \`topology replay FILE ... --follow --into ${namespace}\` lets it go on, or --partial makes readers see only what was replayed`
  if (kinds.has('missing'))
    return '; the same `topology replay` again adds what is missing, or --leave SINK leaves it as it is read now'
  if (kinds.has('retired'))
    return '; to go back, `topology replay` the earlier file with --follow into a new namespace, and promote that'
  if (kinds.has('lost'))
    return '; no replay brings back what the log has dropped: --leave SINK leaves the declared sink as it is read now, or --partial makes readers see the rest'
  return ''
}
