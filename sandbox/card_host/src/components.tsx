// HubSpot's components as HTML: exactly those our card uses. One that is missing here breaks the card visibly.
import { Alert, LoadingSpinner, StatusTag, Text } from './components/feedback';
import { Button, Link, LoadingButton, ToggleGroup } from './components/controls';
import {
  DescriptionList,
  DescriptionListItem,
  Flex,
  Heading,
  List,
  Statistics,
  StatisticsItem,
} from './components/layout';

export const components = {
  Alert,
  Button,
  DescriptionList,
  DescriptionListItem,
  Flex,
  Heading,
  Link,
  List,
  LoadingButton,
  LoadingSpinner,
  Statistics,
  StatisticsItem,
  StatusTag,
  Text,
  ToggleGroup,
};
