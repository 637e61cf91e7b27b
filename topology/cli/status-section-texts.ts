/** What else a status tells where there is something to tell: limits, dependencies, tenants, rules of people, workers. */
import { deskOfSnapshot } from '../engine/snapshot-desk.ts'
import { tenantRuleWords } from '../engine/tenants/tenant-rule.ts'
import { isNumberKnob } from '../model/knob.ts'
import { knobNamed } from '../model/knobs/knob-setting.ts'
import { formatBytes } from '../model/quantity.ts'
import type { BranchState, RunSnapshot, TenantLine } from '../model/run-snapshot.ts'
import { durationWords } from '../observe/lag-words.ts'
import { workerName } from '../observe/runbook/finding.ts'
import { listWords } from './figure-words.ts'
import type { ReadStatus } from './read-status.ts'
import { bar, formatNumber, textTable } from './text-table.ts'

// They have nothing to drain, or nobody drains them.
const unlimited: ReadonlySet<BranchState> = new Set(['ok', 'paused', 'failed'])
// A stage that idles for longer than it works limits nothing.
const boundAt = 0.3
// Of all that waits; lanes of the others pass over the same records.
const mostShare = 0.4

/** What waits by the will of a person is limited by nothing else. */
const rulingTenant = ({ lag, tenantRules }: RunSnapshot): string | undefined => {
  const behind = lag.filter(({ laneClass }) => laneClass !== 'replay')
  const total = behind.reduce((sum, { lagEvents }) => sum + lagEvents, 0)
  for (const { tenant, rule, eventsPerSecond, author } of tenantRules) {
    const held = behind.filter((line) => line.laneClass === 'tenant' && line.tenant === tenant)
    if (held.reduce((sum, { lagEvents }) => sum + lagEvents, 0) <= total * mostShare) continue
    const what = rule === 'block' ? 'the block' : `the limit of ${formatNumber(eventsPerSecond ?? 0)} events/s`
    return `limits the drain: ${what} that ${author} has set for ${tenant}\n  take it back: \`topology tenant clear ${tenant}\`\n`
  }
  return undefined
}

/** What limits the drain, and what to do about it. */
export const bindingText = (snapshot: RunSnapshot): string => {
  const { binding, branches } = snapshot
  if (branches.every(({ state }) => unlimited.has(state))) return ''
  const rule = rulingTenant(snapshot)
  if (rule !== undefined) return rule
  if (binding === null || binding.usedRatio < boundAt) return ''
  const { stage, name, usedRatio, knob, advice } = binding
  const what =
    stage === 'cpu'
      ? `the processor (most by ${name})`
      : stage === 'permit'
        ? 'permits of backlog lanes'
        : `${stage} ${name}`
  return `limits the drain: ${what}, ${Math.round(usedRatio * 100)} % of the time\n  ${advice}\n  \`topology tune set ${knob} ${twiceOf(snapshot, knob)} --for 2h --because "..."\` · \`topology runbook "lag grows"\`\n`
}

/** A value to begin with: twice that of today, within the bounds of the knob. */
const twiceOf = (snapshot: RunSnapshot, name: string): string => {
  const knob = knobNamed(name)
  const now = deskOfSnapshot(snapshot).value(name)
  if (!isNumberKnob(knob) || now === 0) return 'VALUE'
  const value = Math.min(now * 2, knob.max)
  const mebibytes = value / 1_048_576
  return knob.unit === 'bytes' && Number.isInteger(mebibytes) ? `${mebibytes}MiB` : `${value}`
}

/** Those that are not well, with everything that they hurt. */
export const dependenciesText = ({ dependencies }: RunSnapshot): string =>
  dependencies
    .filter(({ state }) => state !== 'ok')
    .map(({ kind, name, state, reason, impact, latencyMs }) => {
      const how = state === 'failing' ? `does not answer: ${reason}` : `is slow: ${Math.round(latencyMs)} ms a call`
      const hurt = impact.length === 0 ? '' : `; it is shared by ${listWords(impact)}`
      return `${kind} ${name} ${how}${hurt}\n`
    })
    .join('')

const tenantsShown = 5

/** Who is over its share, or has a place of its own. */
export const tenantsTable = ({ tenants }: RunSnapshot, { shareRatio }: { readonly shareRatio: number }): string => {
  const told = tenants.filter(
    ({ place, share, tenant, newOperations }) =>
      place !== 'live' || newOperations !== undefined || (share >= shareRatio && tenants.length > 1 && tenant !== ''),
  )
  if (told.length === 0) return ''
  const row = (one: TenantLine): readonly string[] => [
    one.tenant,
    bar(one.share, 10).padEnd(10),
    `${Math.round(one.share * 100)} %`,
    formatNumber(Math.round(one.eventsPerSecond)),
    `${formatBytes(one.bytesPerSecond)}/s`,
    `${formatNumber(Math.round(one.cpuMs / 100) / 10)} s`,
    one.lagEvents === 0 ? durationWords(one.lagMs) : `${formatNumber(one.lagEvents)} (${durationWords(one.lagMs)})`,
    one.newOperations === undefined ? one.place : `${one.place}; new for it: ${one.newOperations.join(', ')}`,
  ]
  const titles = [
    { title: 'TENANT' },
    { title: 'SHARE' },
    { title: '', align: 'right' as const },
    { title: 'EVENTS/S', align: 'right' as const },
    { title: 'BYTES', align: 'right' as const },
    { title: 'CPU', align: 'right' as const },
    { title: 'BEHIND', align: 'right' as const },
    { title: 'PLACE' },
  ]
  return textTable(titles, told.slice(0, tenantsShown).map(row))
}

/** What people have set, by whom, why and until when. */
export const rulesText = ({ pins, tenantRules, pausedBranches, drains }: ReadStatus, nowMs: number): string => {
  const until = (untilMs: number | null): string =>
    untilMs === null || untilMs >= Number.MAX_SAFE_INTEGER
      ? 'until taken back'
      : `for ${durationWords(Math.max(0, untilMs - nowMs))} more`
  const lines = [
    ...pins.map((pin) => [`${pin.knob} = ${pin.value}`, until(pin.untilMs), pin.author, pin.reason]),
    ...tenantRules.map((rule) => [
      `${rule.tenant} ${tenantRuleWords(rule)}${rule.branch === undefined ? '' : ` in ${rule.branch}`}`,
      until(rule.untilMs),
      rule.author,
      rule.reason,
    ]),
    ...pausedBranches.map(({ branch, author, reason, untilMs }) => [
      `${branch} paused`,
      until(untilMs),
      author,
      reason,
    ]),
    ...drains.map(({ name, author, reason, untilMs }) => [`${name} drained`, until(untilMs), author, reason]),
  ]
  if (lines.length === 0) return ''
  return textTable([{ title: 'SET BY PEOPLE' }, { title: 'HOLDS' }, { title: 'BY' }, { title: 'BECAUSE' }], lines)
}

/** Where there are several, or one is not well. */
export const workersText = ({ workers, process }: RunSnapshot, nowMs: number): string => {
  if (workers.length < 2 && workers.every(({ state, replaced }) => state === 'running' && replaced === 0)) return ''
  return textTable(
    [
      { title: 'WORKER' },
      { title: 'STATE' },
      { title: 'LANES', align: 'right' },
      { title: 'MEMORY', align: 'right' },
      { title: 'LOOP', align: 'right' },
      { title: 'BEAT', align: 'right' },
      { title: 'REPLACED', align: 'right' },
      { title: 'WHY' },
    ],
    workers.map((one) => [
      workerName(one.process ?? process, one),
      one.state,
      formatNumber(one.lanes),
      formatBytes(one.rssBytes),
      `${formatNumber(one.loopDelayMs)} ms`,
      `${durationWords(Math.max(0, nowMs - one.beatAtMs))} ago`,
      formatNumber(one.replaced),
      one.lastReason,
    ]),
  )
}
