import { describeGroup } from './testing/describe-group.js';

describeGroup('disks');
