// The first column of the Inputs page: the input's name, and its metric where the name is another.
export default class MetricCell {
    constructor(globalConfig, serviceName, el, row) {
        this.el = el;
        this.row = row;
    }

    render() {
        const { name, metric } = this.row;
        this.el.textContent = metric && metric !== name ? `${name} (${metric})` : name;
    }
}
