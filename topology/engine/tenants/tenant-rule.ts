/**
 * What people have decided about a tenant: it is blocked, or limited to so many events a second, in all branches or one,
 * until a time. A rule changes when the tenant's events are taken, never what they give: they wait in the log.
 */
export interface TenantRule {
  readonly tenant: string
  /** A sink. Absent: all of them. */
  readonly branch?: string
  readonly rule: 'limit' | 'block'
  /** Of a limit. */
  readonly eventsPerSecond?: number
  readonly author: string
  readonly reason: string
  /** ms since 1970; `null`: until it is cleared. */
  readonly untilMs: number | null
}

/** What a rule says, for people: `blocked`, `limited to 20,000/s`. */
export const tenantRuleWords = ({ rule, eventsPerSecond = 0 }: Pick<TenantRule, 'rule' | 'eventsPerSecond'>): string =>
  rule === 'block' ? 'blocked' : `limited to ${eventsPerSecond.toLocaleString('en-US', { maximumFractionDigits: 6 })}/s`

/** What holds for a tenant in one sink: 0 events a second is a block. */
export interface TenantHold {
  readonly eventsPerSecond: number
}

export const isRuleOver = (rule: Pick<TenantRule, 'untilMs'>, nowMs: number): boolean =>
  rule.untilMs !== null && rule.untilMs <= nowMs

/** The strictest of all rules that stand now. */
export const holdOf = (
  rules: readonly TenantRule[],
  tenant: string,
  sink: string,
  nowMs: number,
): TenantHold | undefined => {
  let hold: TenantHold | undefined
  for (const rule of rules) {
    if (rule.tenant !== tenant || isRuleOver(rule, nowMs)) continue
    if (rule.branch !== undefined && rule.branch !== sink) continue
    const eventsPerSecond = rule.rule === 'block' ? 0 : (rule.eventsPerSecond ?? 0)
    if (hold === undefined || eventsPerSecond < hold.eventsPerSecond) hold = { eventsPerSecond }
  }
  return hold
}

/** Rules of a bolt become one for each sink below it; what names no sink or bolt of the topology is left out. */
export const rulesBySink = (
  rules: readonly TenantRule[],
  sinksOf: (branch: string) => readonly string[],
): readonly TenantRule[] =>
  rules.flatMap((rule) =>
    rule.branch === undefined ? [rule] : sinksOf(rule.branch).map((branch) => ({ ...rule, branch })),
  )
