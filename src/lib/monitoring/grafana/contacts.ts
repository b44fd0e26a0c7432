import * as alerting from '@grafana/grafana-foundation-sdk/alerting';
import { stableUid } from '../dashboards/context.js';
import { FromEnvironment } from './document.js';

/** Who hears of alerts; what is secret about it is in the environment of Grafana. */
export interface Contacts {
  /** Channel of Slack. */
  readonly slack: string | undefined;
  readonly email: readonly string[];
  readonly pagerduty: boolean;
}

/** Variables that Grafana itself has to have, by what needs them. */
export const grafanaEnvironment = { slack: 'MLOPS_SLACK_URL', pagerduty: 'MLOPS_PAGERDUTY_KEY' } as const;

export function hasContacts({ slack, email, pagerduty }: Contacts): boolean {
  return slack !== undefined || email.length > 0 || pagerduty;
}

/** One contact point of the project's name, with a receiver for each way. */
export function contactPointsDocument(project: string, contacts: Contacts): object {
  const receivers: alerting.ContactPoint[] = [];
  const receiver = (type: 'slack' | 'email' | 'pagerduty', settings: object) =>
    receivers.push(
      new alerting.ContactPointBuilder().uid(stableUid(project, type)).type(type).settings(settings).build(),
    );
  if (contacts.slack !== undefined) {
    receiver('slack', { recipient: contacts.slack, url: new FromEnvironment(grafanaEnvironment.slack) });
  }
  if (contacts.email.length > 0) receiver('email', { addresses: contacts.email.join(';'), singleEmail: false });
  if (contacts.pagerduty) {
    receiver('pagerduty', { integrationKey: new FromEnvironment(grafanaEnvironment.pagerduty), severity: 'critical' });
  }
  return { apiVersion: 1, contactPoints: [{ orgId: 1, name: project, receivers }] };
}

/** The whole tree of notification policies of the organisation, with one route: alerts of this project to its contacts. */
export function policiesDocument(project: string): object {
  const route = new alerting.NotificationPolicyBuilder()
    .receiver(project)
    .objectMatchers([['service', '=', project]])
    .groupBy(['grafana_folder', 'alertname', 'slo']);
  const tree = new alerting.NotificationPolicyBuilder()
    .receiver(project)
    .groupBy(['grafana_folder', 'alertname'])
    .groupWait('30s')
    .groupInterval('5m')
    .repeatInterval('4h')
    .routes([route])
    .build();
  return { apiVersion: 1, policies: [{ orgId: 1, ...tree }] };
}
