export { FakePsa } from './fake-ticket-port.js';
export { COMPANY, DEMO, buildNewTicket, localPort, localSetup, patient } from './ports.js';
export { ticketPortContract, type PortUnderTest } from './ticket-port.contract.js';
export { httpBytes, tcpScript, type TcpScript } from './tcp-script.js';
export { startSimulatorProcess, type SimulatorProcess } from '../corpus/simulator.process.js';
