/**
 * Metrics in the Prometheus text format, at /metrics (docs/reference/metrics in the README's order).
 *
 * It promises: labels are names of the configuration, outcomes and error codes, so their number is bounded and none identifies a
 * patient. It never does: carry a message's id, type or content.
 */

export { createMetrics, type Metrics, type MetricsReading } from './metrics.ts';
