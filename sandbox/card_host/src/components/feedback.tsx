// What the card says: tags, text, alerts, waiting.
import type { ReactNode } from 'react';
import { classes, size } from './names';

interface Props {
  children?: ReactNode;
  testId?: string;
  variant?: string;
}

export function StatusTag({ variant = 'default', hollow, children, testId }: Props & { hollow?: boolean }): ReactNode {
  const className = classes('hs-status', `hs-status-${variant}`, hollow && 'hs-status-hollow');
  return <span className={className} data-test-id={testId}>{children}</span>;
}

interface TextProps extends Props {
  inline?: boolean;
  format?: { fontWeight?: string; italic?: boolean };
}

export function Text({ variant = 'bodytext', inline, format, children, testId }: TextProps): ReactNode {
  const className = classes(
    'hs-text',
    `hs-text-${variant}`,
    format?.fontWeight && `hs-weight-${format.fontWeight}`,
    format?.italic && 'hs-italic',
  );
  const Tag = inline ? 'span' : 'div';
  return <Tag className={className} data-test-id={testId}>{children}</Tag>;
}

const URGENT = ['danger', 'error', 'warning'];

export function Alert({ title, variant = 'info', children, testId }: Props & { title: string }): ReactNode {
  const role = URGENT.includes(variant) ? 'alert' : 'status';
  return (
    <div className={`hs-alert hs-alert-${variant}`} role={role} data-test-id={testId}>
      <div className="hs-alert-title">{title}</div>
      {children && <div className="hs-alert-body">{children}</div>}
    </div>
  );
}

interface SpinnerProps extends Props {
  label: string;
  showLabel?: boolean;
  size?: string;
}

export function LoadingSpinner({ label, showLabel, size: name, testId }: SpinnerProps): ReactNode {
  return (
    <div className="hs-loading" role="status" data-test-id={testId}>
      <span className={`hs-spinner hs-spinner-${size(name, 'sm')}`} aria-hidden="true" />
      <span className={showLabel ? undefined : 'hs-hidden'}>{label}</span>
    </div>
  );
}
