/// The host agent: reads the EPC paging counters of a host and what its model servers say of themselves, makes rates of
/// them, and reports them to the control plane.
///
/// Entry types: [s3ml.agent.AgentMain] (`s3ml agent`) and [s3ml.agent.PagingSource]. Trust: the agent runs on the
/// operator's side and sees counters only. What it reads (kernel files, metrics pages) is parsed with limits, and a
/// source that is missing or broken yields nothing rather than a guess.
@NullMarked
package s3ml.agent;

import org.jspecify.annotations.NullMarked;
