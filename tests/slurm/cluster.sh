# A Slurm cluster of two nodes that are this machine, on loopback: source it, call `cluster_start` and `cluster_end`. Its files are
# in $scratch/slurm. Commands find it by SLURM_CONF.

cluster_start() {
    local home=$scratch/slurm
    mkdir -p -m 755 "$home"/{state,munge,{spool,tmp}.node{1,2}}
    chmod 711 "$scratch"
    (umask 077 && head -c 128 /dev/urandom >"$home/munge/key")
    local ports
    ports=($(python3 - <<'PYTHON'
import socket
sockets = [socket.socket() for _ in range(3)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
PYTHON
    ))
    cat >"$home/slurm.conf" <<CONF
ClusterName=aim$$
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
# A job that is queued again may start after so long.
AuthInfo=socket=$home/munge/socket,cred_expire=5
StateSaveLocation=$home/state
SlurmdSpoolDir=$home/spool.%n
SlurmctldPidFile=$home/slurmctld.pid
SlurmdPidFile=$home/slurmd.%n.pid
SlurmctldLogFile=$home/slurmctld.log
SlurmdLogFile=$home/slurmd.%n.log
ProctrackType=proctrack/linuxproc
SlurmdParameters=config_overrides
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,default_queue_depth=2000
MaxArraySize=2000
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=10
TmpFS=$home/tmp.%n
TaskProlog=$home/prolog
NodeName=node1 NodeAddr=127.0.0.1 NodeHostname=$(hostname -s) Port=${ports[1]} CPUs=8
NodeName=node2 NodeAddr=127.0.0.1 NodeHostname=$(hostname -s) Port=${ports[2]} CPUs=8
PartitionName=batch Nodes=node[1-2] Default=YES MaxTime=60 State=UP PriorityTier=1
PartitionName=urgent Nodes=node[1-2] MaxTime=60 State=UP PriorityTier=10
CONF
    # Each node has a disk of its own.
    printf '#!/bin/sh\necho "export XDG_CACHE_HOME=%s.$SLURMD_NODENAME"\n' "$scratch/cache" >"$home/prolog"
    chmod +x "$home/prolog"
    export SLURM_CONF=$home/slurm.conf
    daemons=()
    daemon munged --foreground --force --key-file="$home/munge/key" --socket="$home/munge/socket" --pid-file="$home/munge/pid" \
        --log-file="$home/munge/log" --seed-file="$home/munge/seed"
    for _ in {1..100}; do [[ -S $home/munge/socket ]] && break || sleep 0.1; done
    daemon slurmctld -D
    daemon slurmd -D -N node1
    daemon slurmd -D -N node2
    for _ in {1..600}; do
        [[ $(sinfo -h -t idle -p batch -o %D 2>/dev/null) == 2 ]] && return
        sleep 0.1
    done
    tail -n 20 "$home"/*.log "$home"/munge/log
    return 1
}
daemon() { # daemon COMMAND...
    "$@" >"$scratch/slurm/$1.out" 2>&1 &
    daemons+=($!)
}
cluster_end() {
    scancel --quiet --user="$(id -un)" 2>/dev/null
    for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do kill "${daemons[i]}" && wait "${daemons[i]}"; done 2>/dev/null
}
