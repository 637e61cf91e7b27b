/** Offsets of a simulated group: taken from who has heard of the present share only, and never back. */
import { expect, test } from 'vitest'
import { offset, partition } from '../../../../topology/model/position.ts'
import {
  type MemberOffsets,
  SimulatedCommits,
} from '../../../../topology/testing/simulation/servers/simulated-commits.ts'
import { givenDice } from '../given-dice.ts'

const one = partition(1)
const at = (place: number): ReadonlyMap<typeof one, ReturnType<typeof offset>> => new Map([[one, offset(place)]])

const member = (commits: SimulatedCommits, isCurrent = (): boolean => true): MemberOffsets => {
  const offsets = commits.memberAs('process 0', isCurrent)
  offsets.told([one])
  return offsets
}

test('a zombie is refused, and told again when it is a member anew', async () => {
  const commits = new SimulatedCommits(givenDice())
  let isCurrent = false
  const zombie = member(commits, () => isCurrent)
  await zombie.commit(at(5))
  expect(commits.committed.size).toBe(0)
  isCurrent = true
  zombie.beat()
  expect(commits.committed.get(one)).toBe(5)
})

test('what a zombie had for partitions that others have now is forgotten', async () => {
  const commits = new SimulatedCommits(givenDice())
  let isCurrent = false
  const zombie = member(commits, () => isCurrent)
  await zombie.commit(at(5))
  isCurrent = true
  zombie.told([partition(0)])
  zombie.beat()
  expect(commits.committed.size).toBe(0)
})

test('a commit whose reply is lost was taken, fails for nobody, and is sent once more', async () => {
  const dice = givenDice()
  const commits = new SimulatedCommits(dice)
  const offsets = member(commits)
  dice.next('commitReplyLost')
  await offsets.commit(at(5))
  expect([commits.committed.get(one), dice.befell]).toEqual([5, ['commitReplyLost to process 0']])
  dice.next('commitReplyLost')
  offsets.beat()
  expect(dice.befell).toHaveLength(2)
})

test('offsets never go back, whoever commits', async () => {
  const commits = new SimulatedCommits(givenDice())
  await member(commits).commit(at(9))
  await member(commits).commit(at(4))
  expect(commits.committed.get(one)).toBe(9)
})
