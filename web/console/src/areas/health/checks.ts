import type { Schemas } from '@/api/client'

type Screen = Schemas['HealthScreen']

export interface Check {
  code: 'database' | 'migrations' | 'workers' | 'queue' | 'parked' | 'timers' | 'runs' | 'errors' | 'disk' | 'locks'
  ok: boolean
  /** What was measured, for the sentence about it. */
  params: Record<string, number | string>
}

const LAG_S = 60
const LEAST_FREE = 0.1
const LONGEST_S = 60
const MOST_BROKEN = 0.001

/** Every question that somebody on call asks first; each has a sentence that names the fix. */
export function checks({ health, traffic, disk }: Screen): Check[] {
  const { database, machine } = health
  const workers = health.processes.filter((one) => one.kind === 'worker' && one.silent_s <= health.silent_after_s).length
  const overdue = machine.timers.reduce((sum, one) => sum + one.overdue, 0)
  const share = traffic.requests ? traffic.broken / traffic.requests : 0
  const free = disk.total ? disk.free / disk.total : 1
  return [
    { code: 'workers', ok: workers > 0, params: { n: workers } },
    { code: 'migrations', ok: database.revision === database.expected, params: { revision: database.revision, expected: database.expected } },
    { code: 'database', ok: database.connections < 0.9 * database.most_connections, params: { n: database.connections, most: database.most_connections } },
    { code: 'locks', ok: database.longest_transaction_s < LONGEST_S && !database.waiting_for_locks, params: { n: database.waiting_for_locks, s: database.longest_transaction_s } },
    { code: 'queue', ok: machine.oldest_s < LAG_S, params: { n: machine.waiting, s: machine.oldest_s } },
    { code: 'parked', ok: !machine.parked_count, params: { n: machine.parked_count } },
    { code: 'timers', ok: !overdue || workers > 0 && !health.failing_timers.length, params: { n: overdue, failing: health.failing_timers.length } },
    { code: 'runs', ok: !health.stuck_runs.length, params: { n: health.stuck_runs.length } },
    { code: 'errors', ok: share <= MOST_BROKEN, params: { n: traffic.broken, of: traffic.requests } },
    { code: 'disk', ok: free >= LEAST_FREE, params: { n: Math.round(free * 100) } },
  ]
}
