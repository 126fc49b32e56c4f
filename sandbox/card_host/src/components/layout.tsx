// Where things stand: rows and columns, lists, figures.
import { Children, type ReactNode } from 'react';
import { classes, size } from './names';

interface Props {
  children?: ReactNode;
  testId?: string;
}

interface FlexProps extends Props {
  direction?: 'row' | 'column';
  gap?: string;
  justify?: string;
  align?: string;
  wrap?: boolean | string;
}

export function Flex({ direction = 'row', gap, justify, align, wrap, children, testId }: FlexProps): ReactNode {
  const wraps = wrap === true || wrap === 'wrap';
  const className = classes(
    'hs-flex',
    `hs-${direction}`,
    `hs-gap-${size(gap, 'flush')}`,
    justify && `hs-justify-${justify}`,
    align && `hs-align-${align}`,
    wraps && 'hs-wrap',
  );
  return <div className={className} data-test-id={testId}>{children}</div>;
}

export function Heading({ children, testId }: Props): ReactNode {
  return <h3 className="hs-heading" data-test-id={testId}>{children}</h3>;
}

export function List({ variant = 'unordered', children, testId }: Props & { variant?: string }): ReactNode {
  const items = Children.toArray(children).map((child, index) => <li key={index}>{child}</li>);
  const className = classes('hs-list', variant.endsWith('-styled') && 'hs-list-styled');
  return variant.startsWith('ordered') ? (
    <ol className={className} data-test-id={testId}>{items}</ol>
  ) : (
    <ul className={className} data-test-id={testId}>{items}</ul>
  );
}

export function DescriptionList({ direction = 'column', children, testId }: Props & { direction?: string }): ReactNode {
  return <dl className={`hs-facts hs-facts-${direction}`} data-test-id={testId}>{children}</dl>;
}

export function DescriptionListItem({ label, children }: Props & { label: string }): ReactNode {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Statistics({ children, testId }: Props): ReactNode {
  return <dl className="hs-statistics" data-test-id={testId}>{children}</dl>;
}

export function StatisticsItem({ label, number, children }: Props & { label: string; number: string | number }): ReactNode {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {number}
        {children}
      </dd>
    </div>
  );
}
