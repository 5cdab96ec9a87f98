"""A probe among planets: the velocity it must start with to arrive where it should.

Bodies attract each other; a leapfrog method moves them, positions and velocities in
place. The derivative of the last position by the first velocity is what Newton's method
needs to aim.
"""

import numpy as np

from s2sad import jacobian


def accelerations(pos, mass, acc):
    """Newton's law of gravitation, pair by pair."""
    acc[:] = 0.0
    for i in range(len(mass)):
        for j in range(i + 1, len(mass)):
            d = pos[j] - pos[i]
            w = (d @ d + 1e-4) ** -1.5
            acc[i] += mass[j] * w * d
            acc[j] -= mass[i] * w * d


def leapfrog(pos, vel, mass, dt, steps):
    """Kick, drift, kick; `pos` and `vel` are overwritten."""
    acc = np.zeros_like(pos)
    accelerations(pos, mass, acc)
    for _ in range(steps):
        vel += 0.5 * dt * acc
        pos += dt * vel
        accelerations(pos, mass, acc)
        vel += 0.5 * dt * acc


def arrival(aim, pos, vel, mass, dt, steps):
    """Where the last body is after all steps, if it starts with the velocity `aim`."""
    vel[-1] = aim
    leapfrog(pos, vel, mass, dt, steps)
    return pos[-1]


arrival_by_aim = jacobian(arrival)


def sky():
    """A sun, two planets on circles, and a probe that starts near the inner one."""
    mass = np.array([1.0, 0.01, 0.02, 0.0])
    pos = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.6], [1.1, 0.0]])
    vel = np.array([[0.0, 0.0], [0.0, 1.0], [-(1.6**-0.5), 0.0], [0.0, 0.0]])
    return pos, vel, mass


def shoot(target, dt=0.02, steps=60, trips=8):
    """The velocity that leads to `target`, and how far each shot was off."""
    aim = np.array([0.0, 1.0])
    misses = []
    for _ in range(trips):
        pos, vel, mass = sky()
        miss = arrival(aim, pos, vel, mass, dt, steps) - target
        misses.append(np.linalg.norm(miss))
        if misses[-1] < 1e-12:
            break
        pos, vel, mass = sky()
        slope = arrival_by_aim(aim, pos, vel, mass, dt, steps)
        aim = aim - np.linalg.solve(slope, miss)
    return aim, misses


def main():
    target = np.array([-0.5, 0.8])
    aim, misses = shoot(target)
    for number, miss in enumerate(misses, 1):
        print(f"shot {number}: {miss:.1e} off")
    print(f"start with velocity {aim[0]:.6f}, {aim[1]:.6f}")


if __name__ == "__main__":
    main()
